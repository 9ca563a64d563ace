package kubelet

import (
	"context"
	"fmt"
	"strconv"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-base/version"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	v1 "sigs.k8s.io/karpenter/pkg/apis/v1"
)

const (
	leaseDuration = 40 * time.Second // as kubelets have it
	leaseRenewal  = leaseDuration / 4
	claimPoll     = 200 * time.Millisecond
)

// plainResources is what a plain node has.
var plainResources = corev1.ResourceList{
	corev1.ResourceCPU:              resource.MustParse("16"),
	corev1.ResourceMemory:           resource.MustParse("64Gi"),
	corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
}

// nodes reports every node of the cluster as ready, whoever made it, and keeps its lease.
type nodes struct {
	client client.Client
	port   int
	boots  *boots
	disks  *disks
	images *images
}

func (n *nodes) register(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).For(&corev1.Node{}).Complete(n)
}

// Reconcile reports one node, and comes back to renew its lease.
func (n *nodes) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	node := &corev1.Node{}
	if err := n.client.Get(ctx, request.NamespacedName, node); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	claim, err := n.claimOf(ctx, node)
	if err != nil {
		return reconcile.Result{}, err
	}
	if claim == nil && node.Spec.ProviderID != "" {
		return reconcile.Result{RequeueAfter: claimPoll}, nil // Karpenter makes the node before it says so in the claim
	}
	reported := node.DeepCopy()
	now := metav1.Now()
	boot := n.boots.delay(node)
	if wait := node.CreationTimestamp.Add(boot).Sub(now.Time); wait > 0 {
		if err := n.annotate(ctx, node, strconv.FormatFloat(boot.Seconds(), 'f', -1, 64)); err != nil {
			return reconcile.Result{}, err
		}
		// Nodes of kubelets that start later are not there yet; here they are, and Karpenter counts on what they say.
		reported.Status.Allocatable, reported.Status.Capacity = resourcesOf(node, claim)
		return reconcile.Result{RequeueAfter: wait}, n.report(ctx, node, reported)
	}
	reported.Status = nodeStatus(node, claim, n.port, now)
	reported.Status.Images = n.images.on(node, now.Time)
	if n.disks.isPressed(node.Name, now.Time) {
		reported.Status.Conditions = withNodeCondition(
			reported.Status.Conditions, corev1.NodeDiskPressure, corev1.ConditionTrue, now,
		)
	}
	if err := n.report(ctx, node, reported); err != nil {
		return reconcile.Result{}, err
	}
	return reconcile.Result{RequeueAfter: n.disks.nextLook(leaseRenewal)}, n.renewLease(ctx, node)
}

// annotate writes how many seconds a node takes, once.
func (n *nodes) annotate(ctx context.Context, node *corev1.Node, boot string) error {
	if node.Annotations[bootAnnotation] == boot {
		return nil
	}
	said := node.DeepCopy()
	metav1.SetMetaDataAnnotation(&said.ObjectMeta, bootAnnotation, boot)
	return client.IgnoreNotFound(n.client.Patch(ctx, said, client.MergeFrom(node)))
}

// report writes a node's status where it differs.
func (n *nodes) report(ctx context.Context, before, after *corev1.Node) error {
	if equality.Semantic.DeepEqual(before.Status, after.Status) {
		return nil
	}
	return client.IgnoreNotFound(n.client.Status().Patch(ctx, after, client.MergeFrom(before)))
}

func (n *nodes) claimOf(ctx context.Context, node *corev1.Node) (*v1.NodeClaim, error) {
	if node.Spec.ProviderID == "" {
		return nil, nil
	}
	claims := &v1.NodeClaimList{}
	if err := n.client.List(ctx, claims); err != nil {
		return nil, err
	}
	for i := range claims.Items {
		if claims.Items[i].Status.ProviderID == node.Spec.ProviderID {
			return &claims.Items[i], nil
		}
	}
	return nil, nil
}

func (n *nodes) renewLease(ctx context.Context, node *corev1.Node) error {
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: node.Name, Namespace: corev1.NamespaceNodeLease}}
	_, err := controllerutil.CreateOrUpdate(ctx, n.client, lease, func() error {
		lease.Spec.HolderIdentity = &node.Name
		lease.Spec.LeaseDurationSeconds = ptr.To(int32(leaseDuration.Seconds()))
		lease.Spec.RenewTime = ptr.To(metav1.NowMicro())
		return controllerutil.SetOwnerReference(node, lease, n.client.Scheme())
	})
	return err
}

// makePlain creates nodes that nobody else makes; those that exist stay.
func (n *nodes) makePlain(ctx context.Context, count int) error {
	for number := range count {
		name := fmt.Sprintf("plain-%d", number+1)
		labels := map[string]string{
			corev1.LabelHostname: name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
		}
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
		node.Status.Allocatable = plainResources
		if err := client.IgnoreAlreadyExists(n.client.Create(ctx, node)); err != nil {
			return err
		}
	}
	return nil
}

// nodeStatus is what the node's kubelet reports: ready, with what its claim says that the instance has.
func nodeStatus(node *corev1.Node, claim *v1.NodeClaim, port int, now metav1.Time) corev1.NodeStatus {
	status := *node.Status.DeepCopy()
	status.Allocatable, status.Capacity = resourcesOf(node, claim)
	status.Conditions = withNodeCondition(status.Conditions, corev1.NodeReady, corev1.ConditionTrue, now)
	for _, pressure := range []corev1.NodeConditionType{
		corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure,
	} {
		status.Conditions = withNodeCondition(status.Conditions, pressure, corev1.ConditionFalse, now)
	}
	status.Phase = ""
	status.Addresses = []corev1.NodeAddress{
		{Type: corev1.NodeInternalIP, Address: "127.0.0.1"},
		{Type: corev1.NodeHostName, Address: node.Name},
	}
	status.DaemonEndpoints.KubeletEndpoint.Port = int32(port)
	status.NodeInfo.KubeletVersion = version.Get().GitVersion
	status.NodeInfo.OperatingSystem = node.Labels[corev1.LabelOSStable]
	status.NodeInfo.Architecture = node.Labels[corev1.LabelArchStable]
	status.NodeInfo.ContainerRuntimeVersion = "none://0"
	return status
}

// resourcesOf are what pods may have of a node, and what it has: as its claim says, else as it says itself.
func resourcesOf(node *corev1.Node, claim *v1.NodeClaim) (allocatable, capacity corev1.ResourceList) {
	allocatable = corev1.ResourceList{corev1.ResourcePods: resource.MustParse("110")}
	capacity = corev1.ResourceList{}
	overwrite(allocatable, node.Status.Allocatable)
	overwrite(capacity, node.Status.Capacity)
	if claim != nil {
		overwrite(allocatable, claim.Status.Allocatable)
		overwrite(capacity, claim.Status.Capacity)
	}
	for name, quantity := range allocatable {
		if has := capacity[name]; has.Cmp(quantity) < 0 {
			capacity[name] = quantity // Karpenter's kwok provider gives what pods request
		}
	}
	return allocatable, capacity
}

func overwrite(resources, more corev1.ResourceList) {
	for name, quantity := range more {
		resources[name] = quantity
	}
}

func withNodeCondition(
	conditions []corev1.NodeCondition, kind corev1.NodeConditionType, value corev1.ConditionStatus, now metav1.Time,
) []corev1.NodeCondition {
	condition := corev1.NodeCondition{
		Type: kind, Status: value, Reason: "Sandbox", LastHeartbeatTime: now, LastTransitionTime: now,
	}
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
