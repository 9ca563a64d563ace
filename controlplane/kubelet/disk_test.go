package kubelet

import (
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

const gib = 1 << 30

func userOf(name string, used, request, limit int64, priority int32) diskUser {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PodSpec{Priority: ptr.To(priority)}}
	return diskUser{pod: pod, used: used * gib, request: request * gib, limit: limit * gib}
}

func TestEvictionsInTheKubeletsOrder(t *testing.T) {
	small, large := userOf("small", 10, 20, 0, 0), userOf("large", 19, 20, 0, 0)
	for _, one := range []struct {
		name    string
		users   []diskUser
		isLow   bool
		evicted []string
	}{
		{"there is room", []diskUser{small, large}, false, nil},
		{"nobody is left out for a limit that isn't reached", []diskUser{userOf("full", 20, 20, 20, 0)}, false, nil},
		{"beyond its limit", []diskUser{small, userOf("over", 21, 20, 20, 0)}, false, []string{"over"}},
		{"nearly full", []diskUser{small, large, userOf("third", 18, 20, 0, 0)}, true, []string{"large"}},
		{"more than asked for goes first", []diskUser{large, userOf("third", 28, 20, 0, 5)}, true, []string{"third"}},
		{"then by priority", []diskUser{userOf("low", 19, 20, 0, 1), userOf("high", 28, 40, 0, 2)}, true, []string{"low"}},
		{"a limit is enough for now", []diskUser{large, userOf("over", 30, 20, 20, 0)}, true, []string{"over"}},
		{"images alone", nil, false, nil},
	} {
		isLow, evicted := evictions(one.users, 60*gib, 8*gib)
		names := []string(nil)
		for _, each := range evicted {
			names = append(names, each.pod.Name)
		}
		if isLow != one.isLow || !slices.Equal(names, one.evicted) {
			t.Errorf("%s: low %t, evicted %v", one.name, isLow, names)
		}
	}
}

func TestEvictionComesAtTenPercent(t *testing.T) {
	for used, want := range map[int64]bool{90: false, 91: true} {
		if isLow, _ := evictions([]diskUser{userOf("one", used-20, 100, 0, 0)}, 100*gib, 20*gib); isLow != want {
			t.Errorf("at %d %% it is low: %t", used, isLow)
		}
	}
	_, evicted := evictions([]diskUser{userOf("one", 75, 100, 0, 0)}, 100*gib, 20*gib)
	if message := evicted[0].message; !strings.Contains(message, "Threshold quantity: 10Gi, available: 5Gi") {
		t.Error(message)
	}
}

func TestDiskGrowsEvenly(t *testing.T) {
	pod := &corev1.Pod{}
	pod.Annotations = map[string]string{DiskAnnotation: "20Gi", DiskGrowsForAnnotation: "100s"}
	size := corev1.ResourceList{corev1.ResourceEphemeralStorage: resource.MustParse("30Gi")}
	pod.Spec.Containers = []corev1.Container{{Resources: corev1.ResourceRequirements{Requests: size, Limits: size}}}
	if user := diskUserOf(pod, noon); user.used != 0 || user.request != 30*gib || user.limit != 30*gib {
		t.Errorf("before it runs: %+v", user)
	}
	running := &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(noon)}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{State: corev1.ContainerState{Running: running}}}
	for seconds, want := range map[int]int64{0: 0, 25: 5, 100: 20, 1000: 20} {
		if user := diskUserOf(pod, noon.Add(time.Duration(seconds)*time.Second)); user.used != want*gib {
			t.Errorf("after %d s: %d", seconds, user.used)
		}
	}
}
