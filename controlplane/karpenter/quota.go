package karpenter

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	v1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/cloudprovider"
)

// quotaVariable says how many vCPU may run at once, as EC2's quota of an account in a region does; unset: any number.
const quotaVariable = "VCPU_QUOTA"

// appearsWithin is how soon the Node of a launch can be listed.
const appearsWithin = 10 * time.Second

// quota refuses launches as EC2 does, in its words.
type quota struct {
	cloudprovider.CloudProvider
	vcpu int64

	lock     sync.Mutex
	launches map[string]launch // by provider ID, which may not be listed yet
}

type launch struct {
	vcpu int64
	at   time.Time
}

// withQuota is the provider itself where no quota is set.
func withQuota(provider cloudprovider.CloudProvider) (cloudprovider.CloudProvider, error) {
	text, isSet := os.LookupEnv(quotaVariable)
	if !isSet {
		return provider, nil
	}
	vcpu, err := strconv.ParseInt(text, 10, 64)
	if err != nil || vcpu < 0 {
		return nil, fmt.Errorf("%s is %q: it must be a number of vCPU", quotaVariable, text)
	}
	return &quota{CloudProvider: provider, vcpu: vcpu, launches: map[string]launch{}}, nil
}

// Create launches what still fits.
func (q *quota) Create(ctx context.Context, claim *v1.NodeClaim) (*v1.NodeClaim, error) {
	q.lock.Lock()
	defer q.lock.Unlock()
	types, err := q.GetInstanceTypes(ctx, nil)
	if err != nil {
		return nil, err
	}
	vcpu := map[string]int64{}
	for _, one := range types {
		vcpu[one.Name] = one.Capacity.Cpu().Value() // the catalogue has a little less, as nodes offer it
	}
	used, err := q.used(ctx, vcpu)
	if err != nil {
		return nil, err
	}
	if used+smallest(claim, vcpu) > q.vcpu {
		return nil, cloudprovider.NewInsufficientCapacityError(fmt.Errorf(
			"VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of %d allows for the "+
				"instance bucket that the specified instance type belongs to", q.vcpu,
		))
	}
	made, err := q.CloudProvider.Create(ctx, claim)
	if err == nil {
		q.launches[made.Status.ProviderID] = launch{vcpu[made.Labels[corev1.LabelInstanceTypeStable]], time.Now()}
	}
	return made, err
}

func (q *quota) used(ctx context.Context, vcpu map[string]int64) (int64, error) {
	listed, err := q.List(ctx)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, one := range listed {
		sum += vcpu[one.Labels[corev1.LabelInstanceTypeStable]]
		delete(q.launches, one.Status.ProviderID)
	}
	for id, one := range q.launches {
		if time.Since(one.at) > appearsWithin {
			delete(q.launches, id)
			continue
		}
		sum += one.vcpu
	}
	return sum, nil
}

// smallest is how many vCPU the claim takes at least.
func smallest(claim *v1.NodeClaim, vcpu map[string]int64) int64 {
	least := int64(math.MaxInt32)
	for _, requirement := range claim.Spec.Requirements {
		if requirement.Key != corev1.LabelInstanceTypeStable {
			continue
		}
		for name, count := range vcpu {
			if slices.Contains(requirement.Values, name) {
				least = min(least, count)
			}
		}
	}
	return least
}
