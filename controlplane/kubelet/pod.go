package kubelet

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Annotations by which a pod says how it is to be played.
const (
	// RunForAnnotation says how long the containers of a pod run that ends by itself; at once by default. It is one
	// whose restartPolicy is Never or OnFailure; a failed one is not restarted.
	RunForAnnotation = "kubelet.sandbox/run-for"
	// ExitCodeAnnotation says how they end; 0 by default. A pod that somebody else runs has ended once it is there.
	ExitCodeAnnotation = "kubelet.sandbox/exit-code"
	// StopAfterAnnotation says how long they take to end when the pod is deleted, its grace period at most; no time by
	// default.
	StopAfterAnnotation = "kubelet.sandbox/stop-after"
)

// Exit codes of containers that were asked to end, and of those that did not.
const (
	terminated = 143
	killed     = 137
)

// script is how a pod is played.
type script struct {
	pull       func(image string, asked time.Time) pull // nil: images are on the node
	startDelay time.Duration                            // of each container, init containers one after another
	ends       bool                                     // by itself
	runFor     time.Duration
	exitCode   int32
	stopAfter  time.Duration
}

// scriptOf reads the pod's annotations. elsewhere: names of images whose containers somebody else runs.
func scriptOf(pod *corev1.Pod, startDelay time.Duration, elsewhere []string) (script, error) {
	s := script{startDelay: startDelay, ends: pod.Spec.RestartPolicy != corev1.RestartPolicyAlways}
	for name, value := range map[string]*time.Duration{RunForAnnotation: &s.runFor, StopAfterAnnotation: &s.stopAfter} {
		text, given := pod.Annotations[name]
		duration, err := time.ParseDuration(text)
		if given && (err != nil || duration < 0) {
			return s, fmt.Errorf("annotation %s is %q: it must be a duration such as 30s", name, text)
		}
		*value = duration
	}
	text, given := pod.Annotations[ExitCodeAnnotation]
	if given {
		code, err := strconv.ParseUint(text, 10, 8)
		if err != nil {
			return s, fmt.Errorf("annotation %s is %q: it must be a number from 0 to 255", ExitCodeAnnotation, text)
		}
		s.exitCode = int32(code)
	}
	if slices.Contains(elsewhere, imageName(pod.Spec.Containers[0].Image)) && !given {
		s.ends = false
	}
	return s, nil
}

// imageName is the last part of an image's name, without tag and digest.
func imageName(image string) string {
	name, _, _ := strings.Cut(path.Base(image), "@")
	name, _, _ = strings.Cut(name, ":")
	return name
}

// moment is what a pod is like: starting, running, or ended.
type moment struct {
	phase       corev1.PodPhase
	initialized int               // init containers that are done
	backOff     map[string]string // images that are not tried at the moment, and what the last try was told
	started     time.Time
	ended       time.Time
	exitCode    int32
}

// play computes what a kubelet reports of a pod, and for how long it stays so; 0: until the pod changes.
func play(pod *corev1.Pod, s script, now time.Time) (corev1.PodStatus, time.Duration) {
	status := *pod.Status.DeepCopy()
	if hasEnded(pod) {
		return status, 0
	}
	if status.StartTime == nil {
		seen := metav1.NewTime(now.Truncate(time.Second)) // the API has whole seconds
		status.StartTime = &seen
	}
	m, until := start(pod, s, status.StartTime.Time, now)
	switch {
	case pod.DeletionTimestamp != nil:
		m = moment{phase: corev1.PodRunning, initialized: len(pod.Spec.InitContainers), started: m.started}
		until, m.exitCode = stop(pod, s.stopAfter)
	case m.phase == corev1.PodRunning && s.ends:
		until, m.exitCode = m.started.Add(s.runFor), s.exitCode
	}
	if now.Before(until) {
		if pod.DeletionTimestamp == nil {
			report(&status, pod, m, now)
		}
		return status, until.Sub(now)
	}
	if !until.IsZero() {
		m.ended, m.phase = until, corev1.PodSucceeded
		if m.exitCode != 0 {
			m.phase = corev1.PodFailed
		}
	}
	report(&status, pod, m, now)
	return status, 0
}

// start says how far a pod has come on its way to running, and until when that stays so; zero: it runs.
func start(pod *corev1.Pod, s script, seen, now time.Time) (moment, time.Time) {
	m := moment{phase: corev1.PodPending, backOff: map[string]string{}, started: seen}
	if statuses := pod.Status.ContainerStatuses; len(statuses) > 0 && statuses[0].State.Running != nil {
		m.started = statuses[0].State.Running.StartedAt.Time
		m.phase, m.initialized = corev1.PodRunning, len(pod.Spec.InitContainers)
		return m, time.Time{}
	}
	at, until := seen, time.Time{}
	for _, step := range steps(pod) {
		asked := at
		for _, container := range step {
			one := s.pulled(container.Image, asked)
			at = latest(at, one.done)
			if now.Before(one.begun) && one.why != "" {
				m.backOff[container.Image] = one.why
				if until.IsZero() || one.begun.Before(until) {
					until = one.begun
				}
			}
		}
		at = at.Add(s.startDelay)
		if now.Before(at) {
			if until.IsZero() {
				until = at
			}
			return m, until
		}
		m.started = at.Truncate(time.Second)
		m.initialized++
	}
	m.phase, m.initialized = corev1.PodRunning, len(pod.Spec.InitContainers)
	return m, time.Time{}
}

// steps are the containers of a pod that start together: each init container alone, then all others.
func steps(pod *corev1.Pod) [][]corev1.Container {
	var found [][]corev1.Container
	for _, container := range pod.Spec.InitContainers {
		found = append(found, []corev1.Container{container})
	}
	return append(found, pod.Spec.Containers)
}

func (s script) pulled(image string, asked time.Time) pull {
	if s.pull == nil {
		return pull{asked: asked, begun: asked, done: asked}
	}
	return s.pull(image, asked)
}

// stop says when the containers of a deleted pod have ended, and how.
func stop(pod *corev1.Pod, stopAfter time.Duration) (time.Time, int32) {
	deadline := pod.DeletionTimestamp.Time
	ended := deadline.Add(stopAfter - time.Duration(*pod.DeletionGracePeriodSeconds)*time.Second)
	if ended.After(deadline) {
		return deadline, killed
	}
	return ended, terminated
}

func hasEnded(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// report writes a moment into a status.
func report(status *corev1.PodStatus, pod *corev1.Pod, m moment, now time.Time) {
	status.Phase, status.HostIP = m.phase, "127.0.0.1"
	before := status.InitContainerStatuses
	status.InitContainerStatuses = make([]corev1.ContainerStatus, len(pod.Spec.InitContainers))
	for i, container := range pod.Spec.InitContainers {
		isSidecar := container.RestartPolicy != nil && *container.RestartPolicy == corev1.ContainerRestartPolicyAlways
		own := m
		if i < len(before) && before[i].State.Terminated != nil {
			status.InitContainerStatuses[i] = before[i]
			continue
		}
		switch {
		case i >= m.initialized:
			own.phase = corev1.PodPending
		case !isSidecar:
			own.phase, own.exitCode, own.ended = corev1.PodSucceeded, 0, m.started
		case m.phase == corev1.PodPending:
			own.phase = corev1.PodRunning
		}
		status.InitContainerStatuses[i] = containerStatus(container, own, "PodInitializing")
	}
	status.ContainerStatuses = make([]corev1.ContainerStatus, len(pod.Spec.Containers))
	for i, container := range pod.Spec.Containers {
		status.ContainerStatuses[i] = containerStatus(container, m, "ContainerCreating")
	}
	isInitialized, isRunning := m.initialized == len(pod.Spec.InitContainers), m.phase == corev1.PodRunning
	for _, condition := range []struct {
		kind   corev1.PodConditionType
		isTrue bool
	}{
		{corev1.PodScheduled, true},
		{corev1.PodInitialized, isInitialized},
		{corev1.ContainersReady, isRunning},
		{corev1.PodReady, isRunning},
	} {
		status.Conditions = withPodCondition(status.Conditions, condition.kind, condition.isTrue, metav1.NewTime(now))
	}
}

func containerStatus(container corev1.Container, m moment, waiting string) corev1.ContainerStatus {
	status := corev1.ContainerStatus{Name: container.Name, Image: container.Image}
	isStarted := m.phase == corev1.PodRunning
	status.Ready, status.Started = isStarted, &isStarted
	started, ended := metav1.NewTime(m.started), metav1.NewTime(m.ended)
	switch m.phase {
	case corev1.PodPending:
		status.State.Waiting = &corev1.ContainerStateWaiting{Reason: waiting}
		if why, is := m.backOff[container.Image]; is {
			message := fmt.Sprintf("Back-off pulling image %q: ErrImagePull: %s", container.Image, why)
			status.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: message}
		}
		return status
	case corev1.PodRunning:
		status.State.Running = &corev1.ContainerStateRunning{StartedAt: started}
	default:
		reason := "Completed"
		if m.exitCode != 0 {
			reason = "Error"
		}
		status.State.Terminated = &corev1.ContainerStateTerminated{
			ExitCode: m.exitCode, Reason: reason, StartedAt: started, FinishedAt: ended,
		}
	}
	status.ImageID = container.Image
	return status
}

// refuse reports a pod that cannot be played.
func refuse(pod *corev1.Pod, reason error, now time.Time) corev1.PodStatus {
	status := *pod.Status.DeepCopy()
	report(&status, pod, moment{phase: corev1.PodPending}, now)
	for i := range status.ContainerStatuses {
		status.ContainerStatuses[i].State.Waiting = &corev1.ContainerStateWaiting{
			Reason: "CreateContainerConfigError", Message: reason.Error(),
		}
	}
	return status
}

func withPodCondition(
	conditions []corev1.PodCondition, kind corev1.PodConditionType, isTrue bool, now metav1.Time,
) []corev1.PodCondition {
	value := corev1.ConditionFalse
	if isTrue {
		value = corev1.ConditionTrue
	}
	condition := corev1.PodCondition{Type: kind, Status: value, LastTransitionTime: now}
	for i := range conditions {
		if conditions[i].Type == kind {
			if conditions[i].Status != value {
				conditions[i] = condition
			}
			return conditions
		}
	}
	return append(conditions, condition)
}
