package kubelet

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const nodePoll = 500 * time.Millisecond

// pods plays every pod that is bound to a node that is ready.
type pods struct {
	client     client.Client
	startDelay time.Duration
	images     *images
	recorder   record.EventRecorder
	elsewhere  []string
	sandboxes  *sandboxes
}

func (p *pods) register(manager ctrl.Manager) error {
	gone := handler.Funcs{DeleteFunc: func(
		_ context.Context, deleted event.DeleteEvent, _ workqueue.TypedRateLimitingInterface[reconcile.Request],
	) {
		p.sandboxes.remove(deleted.Object.GetUID())
	}}
	return ctrl.NewControllerManagedBy(manager).For(&corev1.Pod{}).Watches(&corev1.Pod{}, gone).Complete(p)
}

// Reconcile reports one pod as it is now, and comes back when that changes.
func (p *pods) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	pod := &corev1.Pod{}
	if err := p.client.Get(ctx, request.NamespacedName, pod); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	node := &corev1.Node{}
	if err := p.client.Get(ctx, types.NamespacedName{Name: pod.Spec.NodeName}, node); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err) // what is left of it is the pod garbage collector's
	}
	if !isReady(node) {
		return reconcile.Result{RequeueAfter: nodePoll}, nil
	}
	reported, wait := pod.DeepCopy(), time.Duration(0)
	script, err := scriptOf(pod, p.startDelay, p.elsewhere)
	script.pull = func(image string, asked time.Time) pull { return p.images.pull(node, image, asked) }
	if err != nil && pod.DeletionTimestamp == nil {
		reported.Status = refuse(pod, err, time.Now())
	} else {
		reported.Status, wait = play(pod, script, time.Now())
	}
	if !equality.Semantic.DeepEqual(pod.Status, reported.Status) {
		if err := p.client.Status().Patch(ctx, reported, client.MergeFrom(pod)); err != nil {
			return reconcile.Result{}, client.IgnoreNotFound(err)
		}
		p.sayWhatWasPulled(pod, reported, script)
	}
	if hasEnded(reported) {
		p.sandboxes.stop(pod.UID)
		return reconcile.Result{}, p.release(ctx, pod)
	}
	return reconcile.Result{RequeueAfter: wait}, nil
}

// sayWhatWasPulled makes an event of each container that has started since: how it got its image.
func (p *pods) sayWhatWasPulled(before, after *corev1.Pod, s script) {
	had, has, at := started(before), started(after), ptr.Deref(after.Status.StartTime, metav1.Time{}).Time
	for _, step := range steps(after) {
		asked := at
		for _, container := range step {
			if !has[container.Name] {
				return
			}
			one := s.pulled(container.Image, asked)
			at = latest(at, one.done)
			if message := p.images.event(container.Image, one, asked); message != "" && !had[container.Name] {
				p.recorder.Event(after, corev1.EventTypeNormal, "Pulled", message)
			}
		}
		at = at.Add(s.startDelay)
	}
}

// started are the names of containers that run or have run.
func started(pod *corev1.Pod) map[string]bool {
	names := map[string]bool{}
	for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		names[status.Name] = status.State.Waiting == nil
	}
	return names
}

// release lets go of a deleted pod whose containers have ended: only now does it disappear.
func (p *pods) release(ctx context.Context, pod *corev1.Pod) error {
	if pod.DeletionTimestamp == nil || *pod.DeletionGracePeriodSeconds == 0 {
		return nil
	}
	return client.IgnoreNotFound(p.client.Delete(
		ctx, pod, client.GracePeriodSeconds(0), client.Preconditions{UID: &pod.UID},
	))
}

func isReady(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}
