package kubelet

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	v1 "sigs.k8s.io/karpenter/pkg/apis/v1"
)

func resources(cpu, storage string) corev1.ResourceList {
	return corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse(cpu),
		corev1.ResourceEphemeralStorage: resource.MustParse(storage),
	}
}

func TestNodeHasWhatItsClaimSays(t *testing.T) {
	node := &corev1.Node{}
	node.Status.Capacity, node.Status.Allocatable = resources("8", "1Gi"), resources("31", "17Gi")
	claim := &v1.NodeClaim{}
	claim.Status.Capacity, claim.Status.Allocatable = resources("32", "200Gi"), resources("31850m", "179Gi")
	status := nodeStatus(node, claim, 10250, metav1.Now())
	for list, want := range map[*corev1.ResourceList]map[corev1.ResourceName]string{
		&status.Allocatable: {"cpu": "31850m", "ephemeral-storage": "179Gi", "pods": "110"},
		&status.Capacity:    {"cpu": "32", "ephemeral-storage": "200Gi", "pods": "110"},
	} {
		for name, quantity := range want {
			if has := (*list)[name]; has.Cmp(resource.MustParse(quantity)) != 0 {
				t.Errorf("%s is %s, not %s", name, has.String(), quantity)
			}
		}
	}
}

func TestCapacityIsAtLeastWhatIsAllocatable(t *testing.T) {
	node := &corev1.Node{}
	node.Status.Capacity, node.Status.Allocatable = resources("4", "20Gi"), resources("31", "179Gi")
	capacity := nodeStatus(node, nil, 10250, metav1.Now()).Capacity
	if cpu := capacity[corev1.ResourceCPU]; cpu.Cmp(resource.MustParse("31")) != 0 {
		t.Errorf("capacity is %s", cpu.String())
	}
}

func TestNodeThatWasLostIsReadyAgainAndOtherwiseStaysAsItIs(t *testing.T) {
	node := &corev1.Node{}
	node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionUnknown}}
	node.Status = nodeStatus(node, nil, 10250, metav1.Now())
	if !isReady(node) {
		t.Error("it is not ready")
	}
	if again := nodeStatus(node, nil, 10250, metav1.NewTime(noon)); again.Conditions[0] != node.Status.Conditions[0] {
		t.Errorf("what did not change was written again: %v", again.Conditions[0])
	}
}
