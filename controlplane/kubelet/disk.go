package kubelet

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	v1 "sigs.k8s.io/karpenter/pkg/apis/v1"
)

// Annotations by which a pod says how much of its node's disk it takes.
const (
	// DiskAnnotation is a quantity, such as 18Gi; nothing by default.
	DiskAnnotation = "kubelet.sandbox/disk"
	// DiskGrowsForAnnotation says in which time it grows to that, evenly, once the pod runs; at once by default.
	DiskGrowsForAnnotation = "kubelet.sandbox/disk-grows-for"
)

// As kubelets have it (KubeletConfiguration: evictionHard nodefs.available, evictionPressureTransitionPeriod, and the
// interval at which its eviction manager looks).
const (
	leastAvailablePercent = 10
	pressureLasts         = 5 * time.Minute
	evictionInterval      = 10 * time.Second
)

// disks plays the file system of every node that Karpenter made, and evicts pods as kubelets do.
type disks struct {
	client client.Client
	volume int64 // bytes of each; 0: none is played
	images int64 // bytes that images and logs take of it
	speed  int   // times as fast as a kubelet looks

	lock     sync.Mutex
	pressure map[string]time.Time // nodes, and until when they say so
}

func newDisks(options Options, client client.Client) (*disks, error) {
	made := &disks{client: client, speed: max(1, options.Speed), pressure: map[string]time.Time{}}
	if options.Volume == "" {
		return made, nil
	}
	volume, err := resource.ParseQuantity(options.Volume)
	if err != nil {
		return nil, fmt.Errorf("--volume %q: %w", options.Volume, err)
	}
	images, err := resource.ParseQuantity(options.Images)
	if err != nil {
		return nil, fmt.Errorf("--images %q: %w", options.Images, err)
	}
	made.volume, made.images = volume.Value(), images.Value()
	return made, nil
}

// nextLook is how soon a node has to be reported again, at the latest.
func (d *disks) nextLook(latest time.Duration) time.Duration {
	if d.volume == 0 {
		return latest
	}
	return min(latest, evictionInterval/time.Duration(d.speed))
}

// run looks at every node for as long as it may.
func (d *disks) run(ctx context.Context) error {
	if d.volume == 0 {
		return nil
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(evictionInterval / time.Duration(d.speed)):
			if err := d.look(ctx, time.Now()); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// isPressed says whether a node reports that its disk is nearly full.
func (d *disks) isPressed(node string, now time.Time) bool {
	d.lock.Lock()
	defer d.lock.Unlock()
	return now.Before(d.pressure[node])
}

func (d *disks) look(ctx context.Context, now time.Time) error {
	all := &corev1.PodList{}
	if err := d.client.List(ctx, all); err != nil {
		return err
	}
	nodes := &corev1.NodeList{}
	if err := d.client.List(ctx, nodes, client.HasLabels{v1.NodePoolLabelKey}); err != nil {
		return err
	}
	byNode := map[string][]diskUser{}
	for i := range all.Items {
		if pod := &all.Items[i]; pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil {
			byNode[pod.Spec.NodeName] = append(byNode[pod.Spec.NodeName], diskUserOf(pod, now))
		}
	}
	for _, node := range nodes.Items {
		isLow, evicted := evictions(byNode[node.Name], d.volume, d.images)
		if isLow {
			d.lock.Lock()
			d.pressure[node.Name] = now.Add(pressureLasts / time.Duration(d.speed))
			d.lock.Unlock()
		}
		for _, one := range evicted {
			if err := d.evict(ctx, one, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *disks) evict(ctx context.Context, evicted eviction, now time.Time) error {
	before := evicted.pod.DeepCopy()
	status := &evicted.pod.Status
	report(status, evicted.pod, moment{
		phase: corev1.PodFailed, initialized: len(evicted.pod.Spec.InitContainers), started: now, ended: now, exitCode: killed,
	}, now)
	status.Reason, status.Message = "Evicted", evicted.message
	status.Conditions = withPodCondition(status.Conditions, corev1.DisruptionTarget, true, metav1.NewTime(now))
	return client.IgnoreNotFound(d.client.Status().Patch(ctx, evicted.pod, client.MergeFrom(before)))
}

// diskUser is a pod with what it takes, what it asked for and may take at most (0: no limit), in bytes.
type diskUser struct {
	pod                  *corev1.Pod
	used, request, limit int64
}

// eviction is a pod that has to go, and what its status says of it.
type eviction struct {
	pod     *corev1.Pod
	message string
}

func diskUserOf(pod *corev1.Pod, now time.Time) diskUser {
	user := diskUser{pod: pod}
	for _, container := range pod.Spec.Containers {
		user.request += ptr.To(container.Resources.Requests[corev1.ResourceEphemeralStorage]).Value()
		user.limit += ptr.To(container.Resources.Limits[corev1.ResourceEphemeralStorage]).Value()
	}
	full, err := resource.ParseQuantity(pod.Annotations[DiskAnnotation])
	if err != nil || len(pod.Status.ContainerStatuses) == 0 || pod.Status.ContainerStatuses[0].State.Running == nil {
		return user
	}
	user.used = full.Value()
	growsFor, err := time.ParseDuration(pod.Annotations[DiskGrowsForAnnotation])
	if since := now.Sub(pod.Status.ContainerStatuses[0].State.Running.StartedAt.Time); err == nil && since < growsFor {
		user.used = int64(float64(full.Value()) * float64(since) / float64(growsFor))
	}
	return user
}

// evictions says whether a node's disk is nearly full, and which pods go now: each that takes more than its limit, and
// where the disk is nearly full one more, in the kubelet's order (pkg/kubelet/eviction, rankDiskPressureFunc): first
// those that take more than they asked for, then by priority, then by how much more than they asked for they take.
func evictions(users []diskUser, volume, images int64) (bool, []eviction) {
	var evicted []eviction
	var left []diskUser
	available := volume - images
	for _, user := range users {
		available -= user.used
		if user.limit > 0 && user.used > user.limit {
			evicted = append(evicted, eviction{user.pod, fmt.Sprintf(
				"Pod ephemeral local storage usage exceeds the total limit of containers %s. ", quantity(user.limit),
			)})
			continue
		}
		left = append(left, user)
	}
	threshold := volume * leastAvailablePercent / 100
	if available >= threshold {
		return false, evicted
	}
	if len(evicted) > 0 || len(left) == 0 {
		return true, evicted
	}
	first := slices.MinFunc(left, func(a, b diskUser) int {
		return cmp.Or(
			cmp.Compare(exceeding(b), exceeding(a)),
			cmp.Compare(ptr.Deref(a.pod.Spec.Priority, 0), ptr.Deref(b.pod.Spec.Priority, 0)),
			cmp.Compare(b.used-b.request, a.used-a.request),
			cmp.Compare(a.pod.Name, b.pod.Name),
		)
	})
	return true, append(evicted, eviction{first.pod, fmt.Sprintf(
		"The node was low on resource: ephemeral-storage. Threshold quantity: %s, available: %s. ",
		quantity(threshold), quantity(available),
	)})
}

func exceeding(user diskUser) int {
	if user.used > user.request {
		return 1
	}
	return 0
}

func quantity(bytes int64) string {
	return resource.NewQuantity(bytes, resource.BinarySI).String()
}
