package kubelet

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func launched(name string) *corev1.Node {
	node := &corev1.Node{}
	node.Name, node.Spec.ProviderID = name, "kwok://"+name
	return node
}

func TestEachNodeTakesItsOwnTimeAndOneBeyondTheListTheFirstAgain(t *testing.T) {
	boots, err := newBoots("2s,1500ms")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		name string
		want time.Duration
	}{
		{"a", 2 * time.Second}, {"b", 1500 * time.Millisecond}, {"a", 2 * time.Second}, {"c", 2 * time.Second},
	} {
		if got := boots.delay(launched(one.name)); got != one.want {
			t.Errorf("%s takes %s, not %s", one.name, got, one.want)
		}
	}
}

func TestPlainNodesAreThereFromTheStart(t *testing.T) {
	boots, err := newBoots("2s")
	if err != nil {
		t.Fatal(err)
	}
	if got := boots.delay(&corev1.Node{}); got != 0 {
		t.Errorf("it takes %s", got)
	}
}

func TestBootsThatAreNoTimesAreRefused(t *testing.T) {
	for _, text := range []string{"", "2", "2s,", "soon"} {
		if _, err := newBoots(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
