package kubelet

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Images of 250 MiB and 500 MiB, pulled in 10 s and 20 s.
const small, large = "example/small@sha256:1", "example/large@sha256:2"

func imagesOf(t *testing.T, change func(*Options)) *images {
	t.Helper()
	options := Options{ImageSizes: small + "=250Mi," + large + "=500Mi", PullRate: "25Mi"}
	change(&options)
	made, err := newImages(options)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func asUsual(*Options) {}

func nodeOf(uid string) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{UID: types.UID(uid)}}
}

func after(seconds float64) time.Time {
	return noon.Add(time.Duration(seconds * float64(time.Second)))
}

func expectDone(t *testing.T, one pull, seconds float64) {
	t.Helper()
	if !one.done.Equal(after(seconds)) {
		t.Errorf("it is there after %s, not %g s", one.done.Sub(noon), seconds)
	}
}

func TestAnImageIsPulledOncePerNodeAndOneAfterAnother(t *testing.T) {
	images, node := imagesOf(t, asUsual), nodeOf("a")
	expectDone(t, images.pull(node, small, noon), 10)
	expectDone(t, images.pull(node, large, after(1)), 30)
	expectDone(t, images.pull(node, small, after(5)), 10)
	expectDone(t, images.pull(nodeOf("b"), large, after(5)), 25)
	expectDone(t, images.pull(node, "example/other", after(5)), 5)
}

func TestSeveralArePulledAtATimeWhereTheKubeletMay(t *testing.T) {
	images, node := imagesOf(t, func(o *Options) { o.ParallelPulls, o.Speed = 2, 10 }), nodeOf("a")
	expectDone(t, images.pull(node, small, noon), 1)
	expectDone(t, images.pull(node, large, noon), 2)
}

func TestARegistryThatRefusesIsAskedAgainAsKubeletsDo(t *testing.T) {
	images, node := imagesOf(t, func(o *Options) { o.RefusedPulls = 3 }), nodeOf("a")
	one := images.pull(node, small, noon)
	expectDone(t, one, 10+20+40+10)
	if one.why != "429 Too Many Requests" {
		t.Error(one.why)
	}
	many := imagesOf(t, func(o *Options) { o.RefusedPulls = 7 })
	expectDone(t, many.pull(node, small, noon), 10+20+40+80+160+300+300+10)
}

func TestMoreThanABurstWaitsForTheKubeletsOwnLimit(t *testing.T) {
	var names []string
	for letter := 'a'; letter < 'a'+12; letter++ {
		names = append(names, string(letter))
	}
	images := imagesOf(t, func(o *Options) {
		o.ImageSizes, o.ParallelPulls = strings.Join(names, "=25Mi,")+"=25Mi", len(names)
	})
	for number, name := range names {
		want := 1.0
		if number >= registryBurst {
			want = 11
		}
		expectDone(t, images.pull(nodeOf("a"), name, noon), want)
	}
}

func TestANodeReportsWhatIsOnItAndAKubeletThatStartsAgainReadsIt(t *testing.T) {
	images, node := imagesOf(t, asUsual), nodeOf("a")
	images.pull(node, small, noon)
	images.pull(node, large, noon)
	for seconds, want := range map[float64]int{9: 0, 10: 1, 29: 1, 30: 2} {
		if found := images.on(node, after(seconds)); len(found) != want {
			t.Errorf("after %g s it has %v", seconds, found)
		}
	}
	node.Status.Images = images.on(node, after(30))
	if first := node.Status.Images[0]; first.Names[0] != large || first.SizeBytes != 500<<20 {
		t.Errorf("first is %v", first)
	}
	expectNow := imagesOf(t, asUsual).pull(node, large, after(40))
	if after(40).Before(expectNow.done) {
		t.Errorf("it is pulled again, until %s", expectNow.done)
	}
}

func TestAPodWaitsForItsImagesAndSaysWhy(t *testing.T) {
	images, node := imagesOf(t, func(o *Options) { o.RefusedPulls = 1 }), nodeOf("a")
	pod := podOf(corev1.RestartPolicyAlways, nil)
	pod.Spec.InitContainers[0].Image, pod.Spec.Containers[0].Image = small, large
	s := script{startDelay: time.Second, pull: func(image string, asked time.Time) pull {
		return images.pull(node, image, asked)
	}}
	// Refused for 10 s and pulled in 10, then it starts; the sidecar starts; then the same for the other image.
	for _, one := range []struct {
		at, wait      float64
		phase         corev1.PodPhase
		initialized   int
		isMainRefused bool
		isPullRefused bool
	}{
		{0, 10, corev1.PodPending, 0, false, true},
		{10, 11, corev1.PodPending, 0, false, false},
		{21, 1, corev1.PodPending, 1, false, false},
		{22, 10, corev1.PodPending, 2, true, false},
		{32, 21, corev1.PodPending, 2, false, false},
		{53, 0, corev1.PodRunning, 2, false, false},
	} {
		status, wait := play(pod, s, after(one.at))
		pod.Status = status
		if wait != time.Duration(one.wait*float64(time.Second)) || status.Phase != one.phase {
			t.Errorf("after %g s it is %s for %s", one.at, status.Phase, wait)
		}
		initialized := 0
		for _, each := range status.InitContainerStatuses {
			if each.State.Waiting == nil {
				initialized++
			}
		}
		if initialized != one.initialized {
			t.Errorf("after %g s %d init containers have started", one.at, initialized)
		}
		if isRefused(status.ContainerStatuses[0]) != one.isMainRefused || isRefused(status.InitContainerStatuses[0]) != one.isPullRefused {
			t.Errorf("after %g s: %v, %v", one.at, status.InitContainerStatuses[0].State, status.ContainerStatuses[0].State)
		}
	}
	if ended := pod.Status.InitContainerStatuses[0].State.Terminated; !ended.FinishedAt.Time.Equal(after(21)) {
		t.Errorf("the first init container ended at %s", ended.FinishedAt)
	}
	// A kubelet that starts again, and knows of no pull, leaves it running.
	if status, _ := play(pod, script{pull: func(string, time.Time) pull { return pull{done: after(1000)} }}, after(60)); status.Phase != corev1.PodRunning {
		t.Error("what ran is pulled anew")
	}
}

func isRefused(status corev1.ContainerStatus) bool {
	waiting := status.State.Waiting
	return waiting != nil && waiting.Reason == "ImagePullBackOff" && strings.Contains(waiting.Message, "429")
}

func TestEventsSayHowLongAPullTook(t *testing.T) {
	images, node := imagesOf(t, asUsual), nodeOf("a")
	images.pull(node, large, noon)
	one := images.pull(node, small, after(2))
	for asked, want := range map[float64]string{
		2:  "Successfully pulled image \"example/small@sha256:1\" in 10s (28s including waiting). Image size: 262144000 bytes.",
		40: "Container image \"example/small@sha256:1\" already present on machine",
	} {
		if said := images.event(small, one, after(asked)); said != want {
			t.Error(said)
		}
	}
	if said := images.event("example/other", pull{}, noon); said != "" {
		t.Error(said)
	}
}

func TestOptionsThatMeanNothingAreRefused(t *testing.T) {
	for _, options := range []Options{
		{PullRate: "0"}, {PullRate: "fast"}, {PullRate: "1Mi", ImageSizes: "example"}, {PullRate: "1Mi", ImageSizes: "example=big"},
	} {
		if _, err := newImages(options); err == nil {
			t.Errorf("%+v is taken", options)
		}
	}
}
