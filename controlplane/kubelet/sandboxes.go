package kubelet

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
)

const (
	removeTries = 10
	removeEvery = 100 * time.Millisecond
)

var errEnding = errors.New("the kubelet is ending")

// sandboxes are the pods' folders and what runs in them. The API server chooses UIDs, so they are safe as names.
type sandboxes struct {
	folder string

	mutex    sync.Mutex
	groups   map[types.UID]map[int]struct{} // that run; a process is one together with what it starts
	isEnding bool
}

func newSandboxes(folder string) *sandboxes {
	return &sandboxes{folder: folder, groups: map[types.UID]map[int]struct{}{}}
}

// folderOf answers where the pod has its files.
func (s *sandboxes) folderOf(pod types.UID) string {
	return filepath.Join(s.folder, string(pod))
}

// run runs a process in the pod's folder until it ends, or until the pod is stopped.
func (s *sandboxes) run(pod types.UID, process *exec.Cmd) error {
	runtime.LockOSThread() // a death signal is sent when this thread ends
	defer runtime.UnlockOSThread()
	if err := s.start(pod, process); err != nil {
		return err
	}
	err := process.Wait()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.groups[pod], process.Process.Pid)
	return err
}

func (s *sandboxes) start(pod types.UID, process *exec.Cmd) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.isEnding {
		return errEnding
	}
	process.Dir = s.folderOf(pod)
	if err := os.MkdirAll(process.Dir, 0o700); err != nil {
		return err
	}
	process.SysProcAttr = attributes
	if err := process.Start(); err != nil {
		return err
	}
	if s.groups[pod] == nil {
		s.groups[pod] = map[int]struct{}{}
	}
	s.groups[pod][process.Process.Pid] = struct{}{}
	return nil
}

// stop kills what runs for the pod; its files stay.
func (s *sandboxes) stop(pod types.UID) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.kill(pod)
}

// remove kills what runs for the pod and deletes its files.
func (s *sandboxes) remove(pod types.UID) {
	s.stop(pod)
	var err error
	for range removeTries { // what was killed may have been writing
		if err = os.RemoveAll(s.folderOf(pod)); err == nil {
			return
		}
		time.Sleep(removeEvery)
	}
	klog.ErrorS(err, "Files of a pod are left", "uid", pod)
}

// stopAll kills everything that runs; nothing is started any more.
func (s *sandboxes) stopAll() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.isEnding = true
	for pod := range s.groups {
		s.kill(pod)
	}
}

func (s *sandboxes) kill(pod types.UID) {
	for group := range s.groups[pod] {
		_ = syscall.Kill(-group, syscall.SIGKILL)
	}
	delete(s.groups, pod)
}
