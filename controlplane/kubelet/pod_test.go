package kubelet

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

var noon = time.Date(2026, 9, 30, 12, 0, 0, 0, time.UTC)

func podOf(restart corev1.RestartPolicy, annotations map[string]string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Annotations: annotations},
		Spec: corev1.PodSpec{
			RestartPolicy: restart,
			InitContainers: []corev1.Container{
				{Name: "pull"},
				{Name: "sidecar", RestartPolicy: ptr.To(corev1.ContainerRestartPolicyAlways)},
			},
			Containers: []corev1.Container{{Name: "main", Image: "example/dev:1"}},
		},
	}
}

// playAt plays the pod as it is after some seconds, and keeps what is reported.
func playAt(t *testing.T, pod *corev1.Pod, delay time.Duration, seconds int) time.Duration {
	t.Helper()
	script, err := scriptOf(pod, delay, []string{"ours"})
	if err != nil {
		t.Fatal(err)
	}
	status, wait := play(pod, script, noon.Add(time.Duration(seconds)*time.Second))
	pod.Status = status
	return wait
}

func expect(t *testing.T, pod *corev1.Pod, phase corev1.PodPhase, ready corev1.ConditionStatus) {
	t.Helper()
	if pod.Status.Phase != phase {
		t.Errorf("phase is %s, not %s", pod.Status.Phase, phase)
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady && condition.Status != ready {
			t.Errorf("ready is %s, not %s", condition.Status, ready)
		}
	}
}

func TestPodIsPendingUntilEachContainerHasStarted(t *testing.T) {
	pod := podOf(corev1.RestartPolicyAlways, nil)
	for seconds, want := range []time.Duration{10, 9, 8} {
		if wait := playAt(t, pod, 10*time.Second, seconds); wait != want*time.Second {
			t.Errorf("after %d s it waits for %s", seconds, wait)
		}
	}
	playAt(t, pod, 10*time.Second, 29)
	expect(t, pod, corev1.PodPending, corev1.ConditionFalse)
	if pull := pod.Status.InitContainerStatuses[0].State; pull.Terminated == nil || pull.Terminated.ExitCode != 0 {
		t.Errorf("the first init container is not done: %v", pull)
	}
	if wait := playAt(t, pod, 10*time.Second, 30); wait != 0 {
		t.Errorf("a pod that runs for ever waits for %s", wait)
	}
	expect(t, pod, corev1.PodRunning, corev1.ConditionTrue)
	if sidecar := pod.Status.InitContainerStatuses[1].State; sidecar.Running == nil {
		t.Errorf("the sidecar does not run: %v", sidecar)
	}
}

func TestPodOfAJobEndsAsItSays(t *testing.T) {
	for _, each := range []struct {
		annotations map[string]string
		phase       corev1.PodPhase
		code        int32
		after       int
	}{
		{nil, corev1.PodSucceeded, 0, 0},
		{map[string]string{RunForAnnotation: "5s"}, corev1.PodSucceeded, 0, 5},
		{map[string]string{ExitCodeAnnotation: "3"}, corev1.PodFailed, 3, 0},
	} {
		pod := podOf(corev1.RestartPolicyNever, each.annotations)
		for second := range each.after {
			playAt(t, pod, 0, second)
			expect(t, pod, corev1.PodRunning, corev1.ConditionTrue)
		}
		playAt(t, pod, 0, each.after)
		expect(t, pod, each.phase, corev1.ConditionFalse)
		if ended := pod.Status.ContainerStatuses[0].State.Terminated; ended == nil || ended.ExitCode != each.code {
			t.Errorf("%v: ended as %v", each.annotations, ended)
		}
		before := pod.Status
		playAt(t, pod, 0, each.after+60)
		expect(t, pod, before.Phase, corev1.ConditionFalse)
	}
}

func TestPodThatSomebodyElseRunsEndsWhenTheySaySo(t *testing.T) {
	for _, image := range []string{"example.com/team/ours:1", "ours@sha256:abc", "localhost:5000/ours"} {
		pod := podOf(corev1.RestartPolicyNever, nil)
		pod.Spec.Containers[0].Image = image
		playAt(t, pod, 0, 60)
		expect(t, pod, corev1.PodRunning, corev1.ConditionTrue)
		pod.Annotations = map[string]string{ExitCodeAnnotation: "1"}
		playAt(t, pod, 0, 61)
		expect(t, pod, corev1.PodFailed, corev1.ConditionFalse)
	}
}

func TestDeletedPodEndsWithinItsGracePeriod(t *testing.T) {
	for stopAfter, want := range map[string]struct {
		ended int
		code  int32
	}{"0s": {0, terminated}, "10s": {10, terminated}, "60s": {30, killed}} {
		pod := podOf(corev1.RestartPolicyAlways, map[string]string{StopAfterAnnotation: stopAfter})
		playAt(t, pod, 0, 0)
		pod.DeletionTimestamp = &metav1.Time{Time: noon.Add(90 * time.Second)} // asked after a minute, with 30 s
		pod.DeletionGracePeriodSeconds = ptr.To(int64(30))
		if want.ended > 0 {
			if wait := playAt(t, pod, 0, 60); wait != time.Duration(want.ended)*time.Second {
				t.Errorf("%s: it waits for %s", stopAfter, wait)
			}
			expect(t, pod, corev1.PodRunning, corev1.ConditionTrue)
		}
		playAt(t, pod, 0, 60+want.ended)
		expect(t, pod, corev1.PodFailed, corev1.ConditionFalse)
		if ended := pod.Status.ContainerStatuses[0].State.Terminated; ended == nil || ended.ExitCode != want.code {
			t.Errorf("%s: ended as %v", stopAfter, ended)
		}
	}
}

func TestAnnotationsThatMeanNothingAreRefusedByName(t *testing.T) {
	for name, values := range map[string][]string{
		RunForAnnotation:    {"", "5", "-1s", "soon"},
		StopAfterAnnotation: {"", "1h30"},
		ExitCodeAnnotation:  {"", "256", "-1", "one"},
	} {
		for _, value := range values {
			pod := podOf(corev1.RestartPolicyNever, map[string]string{name: value})
			_, err := scriptOf(pod, 0, nil)
			if err == nil {
				t.Errorf("%s of %q is taken", name, value)
				continue
			}
			waiting := refuse(pod, err, noon).ContainerStatuses[0].State.Waiting
			if waiting == nil || waiting.Message != err.Error() {
				t.Errorf("the pod does not say why it waits: %v", waiting)
			}
		}
	}
}
