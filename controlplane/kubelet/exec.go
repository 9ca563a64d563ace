package kubelet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// A shell's exit codes: for a command that isn't there, and for one that a signal ended.
const (
	notFound = 127
	signaled = 128
)

// executor runs commands for a container, as processes of this machine in the pod's folder.
type executor struct {
	sandboxes *sandboxes
	container *corev1.Container
}

// ExecInContainer runs the command until it ends, or until the pod does.
func (e executor) ExecInContainer(
	_ context.Context, _ string, pod types.UID, _ string, command []string, in io.Reader, out, errs io.WriteCloser,
	_ bool, _ <-chan remotecommand.TerminalSize, _ time.Duration,
) error {
	process := exec.Command(command[0], command[1:]...)
	process.Env = e.environment(e.sandboxes.folderOf(pod))
	if out != nil {
		process.Stdout = out
	}
	if errs != nil {
		process.Stderr = errs
	}
	if in != nil {
		pipe, err := process.StdinPipe()
		if err != nil {
			return err
		}
		go func() { // with process.Stdin the command's end would wait for the input's
			_, _ = io.Copy(pipe, in)
			_ = pipe.Close()
		}()
	}
	err := e.sandboxes.run(pod, process)
	if isMissing(err) && errs != nil {
		_, _ = fmt.Fprintf(errs, "%s: there is no such command\n", command[0])
	}
	return exitOf(err)
}

// environment is the container's own as far as it is written out, and nothing of this process but PATH.
func (e executor) environment(home string) []string {
	variables := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}
	for _, variable := range e.container.Env {
		if variable.ValueFrom == nil {
			variables = append(variables, variable.Name+"="+variable.Value)
		}
	}
	return variables
}

// exitOf makes of a process's end what exec reports to its client.
func exitOf(err error) error {
	exited := &exec.ExitError{}
	switch {
	case errors.As(err, &exited):
		code := exited.ExitCode()
		if status, is := exited.Sys().(syscall.WaitStatus); is && status.Signaled() {
			code = signaled + int(status.Signal())
		}
		return utilexec.CodeExitError{Err: err, Code: code}
	case isMissing(err):
		return utilexec.CodeExitError{Err: err, Code: notFound}
	default:
		return err
	}
}

// isMissing says whether there was nothing to start.
func isMissing(err error) bool {
	return errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist)
}
