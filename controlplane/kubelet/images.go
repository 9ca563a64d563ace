package kubelet

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
)

// As kubelets have it (KubeletConfiguration: registryPullQPS, registryBurst; pkg/kubelet: backOffPeriod and
// MaxContainerBackOff of images; nodeStatusMaxImages).
const (
	registryQPS    = 5
	registryBurst  = 10
	firstBackOff   = 10 * time.Second
	longestBackOff = 5 * time.Minute
	mostImages     = 50
)

// images plays what every node pulls: an image once, at a rate, as many at a time as the kubelet pulls.
type images struct {
	sizes    map[string]int64 // in bytes, by the name that pods give an image; others are there from the start
	rate     int64            // bytes a second of one pull
	parallel int              // pulls at a time on one node; 1: serializeImagePulls, which is the kubelet's default
	refusals int              // tries of each pull that the registry answers with 429 first
	speed    int              // times as fast as all that

	lock  sync.Mutex
	nodes map[types.UID]*store
}

// store is one node's images.
type store struct {
	pulls map[string]pull
	free  []time.Time // since when each of the pulls that it may have at a time is
	limit *rate.Limiter
}

// pull is an image on its way to a node. begun is the try that succeeds; why is what the tries before it were told.
type pull struct {
	asked, begun, done time.Time
	why                string
}

func newImages(options Options) (*images, error) {
	made := &images{
		sizes: map[string]int64{}, parallel: max(1, options.ParallelPulls), refusals: options.RefusedPulls,
		speed: max(1, options.Speed), nodes: map[types.UID]*store{},
	}
	perSecond, err := resource.ParseQuantity(options.PullRate)
	if err != nil || perSecond.Value() <= 0 {
		return nil, fmt.Errorf("--pull-rate %q is no quantity above 0", options.PullRate)
	}
	made.rate = perSecond.Value()
	for _, each := range strings.FieldsFunc(options.ImageSizes, func(r rune) bool { return r == ',' }) {
		name, text, _ := strings.Cut(each, "=")
		size, err := resource.ParseQuantity(text)
		if err != nil {
			return nil, fmt.Errorf("--image-sizes has %q, which is not NAME=SIZE: %w", each, err)
		}
		made.sizes[name] = size.Value()
	}
	return made, nil
}

// pull answers the pull of an image to a node, which begins with the first that asks.
func (i *images) pull(node *corev1.Node, image string, asked time.Time) pull {
	i.lock.Lock()
	defer i.lock.Unlock()
	size, isPulled := i.sizes[image]
	if !isPulled {
		return pull{asked: asked, begun: asked, done: asked}
	}
	own := i.storeOf(node)
	if found, is := own.pulls[image]; is {
		return found
	}
	made := pull{asked: asked, begun: asked}
	slot := slices.Index(own.free, slices.MinFunc(own.free, time.Time.Compare))
	wait := firstBackOff
	for refused := 0; ; refused++ {
		made.begun = latest(made.begun, own.free[slot])
		if refused == 0 && !own.limit.AllowN(made.begun, 1) { // refilled until the next try
			made.why = "pull QPS exceeded"
		} else if refused < i.refusals {
			made.why = "429 Too Many Requests"
		} else {
			break
		}
		made.begun = made.begun.Add(wait / time.Duration(i.speed))
		wait = min(2*wait, longestBackOff)
	}
	seconds := float64(size) / float64(i.rate) / float64(i.speed)
	made.done = made.begun.Add(time.Duration(seconds * float64(time.Second)))
	own.free[slot], own.pulls[image] = made.done, made
	return made
}

// on answers what a node has, the largest first, as it reports it.
func (i *images) on(node *corev1.Node, now time.Time) []corev1.ContainerImage {
	i.lock.Lock()
	defer i.lock.Unlock()
	var found []corev1.ContainerImage
	for name, one := range i.storeOf(node).pulls {
		if !now.Before(one.done) {
			found = append(found, corev1.ContainerImage{Names: []string{name}, SizeBytes: i.sizes[name]})
		}
	}
	slices.SortFunc(found, func(a, b corev1.ContainerImage) int {
		return cmp.Or(cmp.Compare(b.SizeBytes, a.SizeBytes), cmp.Compare(a.Names[0], b.Names[0]))
	})
	return found[:min(len(found), mostImages)]
}

// storeOf begins with what the node reports: another kubelet's, before this process.
func (i *images) storeOf(node *corev1.Node) *store {
	if found := i.nodes[node.UID]; found != nil {
		return found
	}
	made := &store{
		pulls: map[string]pull{}, free: make([]time.Time, i.parallel),
		limit: rate.NewLimiter(rate.Limit(registryQPS*i.speed), registryBurst),
	}
	for _, image := range node.Status.Images {
		for _, name := range image.Names {
			made.pulls[name] = pull{}
		}
	}
	i.nodes[node.UID] = made
	return made
}

// event says how a container that asked for an image at a moment got it, in the kubelet's words; nothing of others.
func (i *images) event(image string, one pull, asked time.Time) string {
	if _, isPulled := i.sizes[image]; !isPulled {
		return ""
	}
	if !asked.Before(one.done) {
		return fmt.Sprintf("Container image %q already present on machine", image)
	}
	return fmt.Sprintf(
		"Successfully pulled image %q in %v (%v including waiting). Image size: %d bytes.",
		image, one.done.Sub(one.begun).Truncate(time.Millisecond), one.done.Sub(asked).Truncate(time.Millisecond), i.sizes[image],
	)
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
