//go:build !linux

package kubelet

import "syscall"

// attributes of a pod's processes: each leads a group of its own.
var attributes = &syscall.SysProcAttr{Setpgid: true}
