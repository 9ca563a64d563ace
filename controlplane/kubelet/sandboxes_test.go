package kubelet

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"
	utilexec "k8s.io/utils/exec"
)

const pod = "5a1e7f30-0000-4000-8000-000000000001"

type stream struct{ bytes.Buffer }

func (*stream) Close() error { return nil }

// shell runs a script for a pod and answers what it printed, and how it ended.
func shell(s *sandboxes, script string) (string, error) {
	out := &stream{}
	container := &corev1.Container{Env: []corev1.EnvVar{
		{Name: "GREETING", Value: "hello"},
		{Name: "KEY", ValueFrom: &corev1.EnvVarSource{}},
	}}
	command := []string{"sh", "-c", script}
	err := executor{sandboxes: s, container: container}.ExecInContainer(
		nil, "", pod, "", command, strings.NewReader("input"), out, out, false, nil, 0,
	)
	return out.String(), err
}

func TestCommandRunsInThePodsFolderWithoutThisProcessesEnvironment(t *testing.T) {
	t.Setenv("KUBECONFIG", "/secret")
	sandboxes := newSandboxes(t.TempDir())
	printed, err := shell(sandboxes, `cat; echo; pwd -P; echo "$HOME $GREETING ${KUBECONFIG:-none}"`)
	if err != nil {
		t.Fatal(err)
	}
	folder := sandboxes.folderOf(pod)
	if want := "input\n" + folder + "\n" + folder + " hello none\n"; printed != want {
		t.Errorf("it printed %q, not %q", printed, want)
	}
	sandboxes.remove(pod)
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the pod's files are still there: %v", err)
	}
}

func TestHowACommandEndsIsReported(t *testing.T) {
	for script, code := range map[string]int{"exit 3": 3, "kill -TERM $$": 143} {
		_, err := shell(newSandboxes(t.TempDir()), script)
		exit := utilexec.CodeExitError{}
		if !errors.As(err, &exit) || exit.Code != code {
			t.Errorf("%s: %v", script, err)
		}
	}
	err := exitOf(newSandboxes(t.TempDir()).run(pod, exec.Command("no-such-command")))
	exit := utilexec.CodeExitError{}
	if !errors.As(err, &exit) || exit.Code != notFound {
		t.Errorf("no such command: %v", err)
	}
}

func TestWhatACommandStartedEndsWithThePod(t *testing.T) {
	for name, end := range map[string]func(*sandboxes){
		"stopped": func(s *sandboxes) { s.stop(pod) },
		"removed": func(s *sandboxes) { s.remove(pod) },
		"ending":  func(s *sandboxes) { s.stopAll() },
	} {
		sandboxes := newSandboxes(t.TempDir())
		fifo := filepath.Join(t.TempDir(), "fifo")
		if err := syscall.Mkfifo(fifo, 0o600); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		go func() {
			_, err := shell(sandboxes, "sleep 600 >"+fifo+" & wait")
			ended <- err
		}()
		held, err := os.Open(fifo) // waits until the command's own child has it open
		if err != nil {
			t.Fatal(err)
		}
		end(sandboxes)
		if err := <-ended; err == nil {
			t.Errorf("%s: the command ended by itself", name)
		}
		if _, err := held.Read(make([]byte, 1)); err == nil { // end of file once nobody has it open
			t.Errorf("%s: the command's child still runs", name)
		}
	}
	sandboxes := newSandboxes(t.TempDir())
	sandboxes.stopAll()
	if _, err := shell(sandboxes, "true"); !errors.Is(err, errEnding) {
		t.Errorf("a command was started while the kubelet ends: %v", err)
	}
}
