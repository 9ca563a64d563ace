package karpenter

import (
	"context"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	v1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/cloudprovider"
)

// instances launches the first type that a claim names; nodes are listed when a test says so.
type instances struct {
	cloudprovider.CloudProvider
	made, listed []*v1.NodeClaim
}

func (*instances) GetInstanceTypes(context.Context, *v1.NodePool) ([]*cloudprovider.InstanceType, error) {
	return []*cloudprovider.InstanceType{typeOf("small", "7910m"), typeOf("large", "15890m")}, nil
}

func typeOf(name, cpu string) *cloudprovider.InstanceType {
	return &cloudprovider.InstanceType{
		Name: name, Capacity: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu)},
	}
}

func (i *instances) Create(_ context.Context, claim *v1.NodeClaim) (*v1.NodeClaim, error) {
	made := &v1.NodeClaim{}
	made.Labels = map[string]string{corev1.LabelInstanceTypeStable: claim.Spec.Requirements[0].Values[0]}
	made.Status.ProviderID = strconv.Itoa(len(i.made))
	i.made = append(i.made, made)
	return made, nil
}

func (i *instances) List(context.Context) ([]*v1.NodeClaim, error) { return i.listed, nil }

func claimOf(types ...string) *v1.NodeClaim {
	claim := &v1.NodeClaim{}
	claim.Spec.Requirements = []v1.NodeSelectorRequirementWithMinValues{
		{Key: corev1.LabelInstanceTypeStable, Operator: corev1.NodeSelectorOpIn, Values: types},
	}
	return claim
}

func TestBeyondTheQuotaNothingIsLaunched(t *testing.T) {
	t.Setenv(quotaVariable, "40")
	behind := &instances{}
	provider, err := withQuota(behind)
	if err != nil {
		t.Fatal(err)
	}
	launch := func(types ...string) error {
		_, err := provider.Create(t.Context(), claimOf(types...))
		return err
	}
	for range 2 {
		if err := launch("large"); err != nil {
			t.Fatal(err)
		}
		behind.listed = behind.made[:1] // the second one's Node is on its way
	}
	err = launch("large")
	if !cloudprovider.IsInsufficientCapacityError(err) || !strings.Contains(err.Error(), "vCPU limit of 40") {
		t.Errorf("a third one: %v", err)
	}
	if err := launch("small", "large"); err != nil {
		t.Errorf("what fits: %v", err)
	}
	behind.listed = behind.made
	if err := launch("small"); err == nil {
		t.Error("all is taken, and one more was launched")
	}
	behind.listed = behind.made[1:]
	if err := launch("large"); err != nil {
		t.Errorf("one has ended: %v", err)
	}
}

func TestWithoutAQuotaTheProviderIsLeftAlone(t *testing.T) {
	behind := &instances{}
	if provider, err := withQuota(behind); err != nil || provider != cloudprovider.CloudProvider(behind) {
		t.Error(provider, err)
	}
	t.Setenv(quotaVariable, "many")
	if _, err := withQuota(behind); err == nil {
		t.Error("it was taken")
	}
}
