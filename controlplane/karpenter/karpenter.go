// Package karpenter runs Karpenter with its kwok provider, whose instances are Node objects.
//
// It is put together from Karpenter's own parts as Karpenter's main does, with one difference: no metrics or probes are
// served, which Karpenter's operator binds to every address of the machine.
package karpenter

import (
	"context"
	"fmt"

	"github.com/go-logr/zapr"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	kwok "sigs.k8s.io/karpenter/kwok/cloudprovider"
	v1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/cloudprovider/overlay"
	"sigs.k8s.io/karpenter/pkg/controllers"
	"sigs.k8s.io/karpenter/pkg/controllers/nodeoverlay"
	"sigs.k8s.io/karpenter/pkg/controllers/state"
	"sigs.k8s.io/karpenter/pkg/events"
	"sigs.k8s.io/karpenter/pkg/operator/injection"
	"sigs.k8s.io/karpenter/pkg/operator/logging"
	"sigs.k8s.io/karpenter/pkg/operator/options"
)

// index is a field that Karpenter's controllers look objects up by.
type index struct {
	object client.Object
	field  string
	value  func(client.Object) string
}

var indexes = []index{
	{&corev1.Pod{}, "spec.nodeName", func(o client.Object) string { return o.(*corev1.Pod).Spec.NodeName }},
	{&corev1.Node{}, "spec.providerID", func(o client.Object) string { return o.(*corev1.Node).Spec.ProviderID }},
	{&storagev1.VolumeAttachment{}, "spec.nodeName", func(o client.Object) string {
		return o.(*storagev1.VolumeAttachment).Spec.NodeName
	}},
	{&v1.NodeClaim{}, "status.providerID", func(o client.Object) string { return o.(*v1.NodeClaim).Status.ProviderID }},
	{&v1.NodeClaim{}, "spec.nodeClassRef.group", func(o client.Object) string { return classOfClaim(o).Group }},
	{&v1.NodeClaim{}, "spec.nodeClassRef.kind", func(o client.Object) string { return classOfClaim(o).Kind }},
	{&v1.NodeClaim{}, "spec.nodeClassRef.name", func(o client.Object) string { return classOfClaim(o).Name }},
	{&v1.NodePool{}, "spec.template.spec.nodeClassRef.group", func(o client.Object) string { return classOfPool(o).Group }},
	{&v1.NodePool{}, "spec.template.spec.nodeClassRef.kind", func(o client.Object) string { return classOfPool(o).Kind }},
	{&v1.NodePool{}, "spec.template.spec.nodeClassRef.name", func(o client.Object) string { return classOfPool(o).Name }},
}

// Run reads Karpenter's flags and KUBECONFIG, and returns when it is told to end.
func Run() error {
	ctx, manager, err := SetUp()
	if err != nil {
		return err
	}
	instanceTypes, err := kwok.ConstructInstanceTypes(ctx)
	if err != nil {
		return err
	}
	client, store, now := manager.GetClient(), nodeoverlay.NewInstanceTypeStore(), clock.RealClock{}
	instances, err := withQuota(kwok.NewCloudProvider(ctx, client, instanceTypes))
	if err != nil {
		return err
	}
	provider := overlay.Decorate(instances, client, store)
	recorder := events.NewRecorder(manager.GetEventRecorderFor("karpenter")) //nolint:staticcheck // what it takes
	cluster := state.NewCluster(now, client, provider)
	for _, controller := range controllers.NewControllers(
		ctx, manager, now, client, recorder, provider, instances, cluster, store,
	) {
		if err := controller.Register(ctx, manager); err != nil {
			return err
		}
	}
	return manager.Start(ctx)
}

// SetUp reads Karpenter's flags and KUBECONFIG; the context ends when this process is told to.
func SetUp() (context.Context, ctrl.Manager, error) {
	ctx := injection.WithOptionsOrDie(ctrl.SetupSignalHandler(), options.Injectables...)
	logger := zapr.NewLogger(logging.NewLogger(ctx, "controller"))
	log.SetLogger(logger)
	klog.SetLogger(logger)
	ctx = log.IntoContext(ctx, logger)
	manager, err := newManager(ctx)
	return ctx, manager, err
}

func newManager(ctx context.Context) (ctrl.Manager, error) {
	config, err := ctrl.GetConfig()
	if err != nil {
		return nil, err
	}
	config.QPS = float32(options.FromContext(ctx).KubeClientQPS)
	config.Burst = options.FromContext(ctx).KubeClientBurst
	leases := cache.ByObject{Field: fields.OneTermEqualSelector("metadata.namespace", corev1.NamespaceNodeLease)}
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Metrics:     server.Options{BindAddress: "0"},
		BaseContext: func() context.Context { return context.WithoutCancel(ctx) },
		Cache:       cache.Options{ByObject: map[client.Object]cache.ByObject{&coordinationv1.Lease{}: leases}},
	})
	if err != nil {
		return nil, err
	}
	for _, i := range indexes {
		extract := func(o client.Object) []string { return []string{i.value(o)} }
		if err := manager.GetFieldIndexer().IndexField(ctx, i.object, i.field, extract); err != nil {
			return nil, fmt.Errorf("indexing %s of %T: %w", i.field, i.object, err)
		}
	}
	return manager, nil
}

func classOfClaim(o client.Object) *v1.NodeClassReference { return o.(*v1.NodeClaim).Spec.NodeClassRef }

func classOfPool(o client.Object) *v1.NodeClassReference {
	return o.(*v1.NodePool).Spec.Template.Spec.NodeClassRef
}
