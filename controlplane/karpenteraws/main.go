// Command karpenteraws runs Karpenter with its AWS provider, which reads EC2NodeClasses, against an AWS that
// AWS_ENDPOINT_URL leads to. What it launches are Node objects, as in the provider's own kwok command, from whose parts
// it is put together; no metrics or probes are served, which that one binds to every address of the machine.
//
// It is a program of its own, since linking AWS's clients takes longer than most rehearsals (docs/rehearsal.md).
package main

import (
	"fmt"
	"os"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/clock"

	"github.com/aws/karpenter-provider-aws/kwok/cloudprovider"
	"github.com/aws/karpenter-provider-aws/kwok/operator"
	awscontrollers "github.com/aws/karpenter-provider-aws/pkg/controllers"
	"sigs.k8s.io/karpenter/pkg/cloudprovider/overlay"
	"sigs.k8s.io/karpenter/pkg/controllers"
	"sigs.k8s.io/karpenter/pkg/controllers/nodeoverlay"
	"sigs.k8s.io/karpenter/pkg/controllers/state"
	"sigs.k8s.io/karpenter/pkg/events"
	core "sigs.k8s.io/karpenter/pkg/operator"

	"controlplane/karpenter"
)

// joinDelay is what the provider's EC2 waits before a launched instance's Node is there. The kubelet stand-in plays how
// long a node takes (its flag --boot-delay), so here it is there as soon as its claim is known to be launched.
const (
	joinDelay = 30 * time.Second
	claimed   = 500 * time.Millisecond
)

// hasty is the time, but for that delay.
type hasty struct{ clock.RealClock }

func (h hasty) After(d time.Duration) <-chan time.Time {
	if d == joinDelay {
		d = claimed
	}
	return h.RealClock.After(d)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "karpenteraws:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, manager, err := karpenter.SetUp()
	if err != nil {
		return err
	}
	access, err := kubernetes.NewForConfig(manager.GetConfig())
	if err != nil {
		return err
	}
	ctx, op := operator.NewOperator(ctx, &core.Operator{
		Manager:             manager,
		KubernetesInterface: access,
		EventRecorder:       events.NewRecorder(manager.GetEventRecorderFor("karpenter")), //nolint:staticcheck // what it takes
		Clock:               hasty{},
		InstanceTypeStore:   nodeoverlay.NewInstanceTypeStore(),
	})
	client, now, store, noBundle := manager.GetClient(), op.Clock, op.InstanceTypeStore, ""
	instances := cloudprovider.New(
		op.InstanceTypesProvider, op.InstanceProvider, op.EventRecorder, client, op.AMIProvider, op.SecurityGroupProvider,
		op.CapacityReservationProvider, op.PlacementGroupProvider, store,
	)
	provider := overlay.Decorate(instances, client, store)
	cluster := state.NewCluster(now, client, provider)
	all := append(
		controllers.NewControllers(ctx, manager, now, client, op.EventRecorder, provider, instances, cluster, store),
		awscontrollers.NewControllers(
			ctx, manager, op.Config, now, op.EC2API, client, op.EventRecorder, op.UnavailableOfferingsCache, op.SSMCache,
			op.ValidationCache, op.RecreationCache, provider, op.SubnetProvider, op.SecurityGroupProvider,
			op.InstanceProfileProvider, op.InstanceProvider, op.PricingProvider, op.AMIProvider, op.LaunchTemplateProvider,
			op.VersionProvider, op.InstanceTypesProvider, op.CapacityReservationProvider, op.PlacementGroupProvider,
			op.AMIResolver, op.ZonalShiftProvider, op.InstanceStatusProvider, &noBundle,
		)...,
	)
	for _, controller := range all {
		if err := controller.Register(ctx, manager); err != nil {
			return err
		}
	}
	go func() {
		<-manager.Elected()
		go op.EC2API.ReadBackup(ctx) // of no earlier run; its EC2 answers nothing before
		op.EC2API.StartKillNodeThread(ctx)
	}()
	return manager.Start(ctx)
}
