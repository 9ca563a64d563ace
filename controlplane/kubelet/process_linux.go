package kubelet

import "syscall"

// attributes of a pod's processes: each leads a group of its own, and is killed when the kubelet itself is.
var attributes = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
