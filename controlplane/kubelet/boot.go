package kubelet

import (
	"fmt"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// bootAnnotation says on a node that Karpenter has made how many seconds it takes until it is ready.
const bootAnnotation = "kubelet.sandbox/boot"

// boots are how long nodes take until they are ready.
type boots struct {
	mutex  sync.Mutex
	delays []time.Duration
	next   int
	of     map[string]time.Duration // by node
}

// newBoots reads what the first node takes, the second and so on.
func newBoots(text string) (*boots, error) {
	found := &boots{of: map[string]time.Duration{}}
	for _, one := range strings.Split(text, ",") {
		delay, err := time.ParseDuration(one)
		if err != nil {
			return nil, fmt.Errorf("--boot-delays: %w", err)
		}
		found.delays = append(found.delays, delay)
	}
	return found, nil
}

// delay is a node's own. Plain nodes are there from the start.
func (b *boots) delay(node *corev1.Node) time.Duration {
	if node.Spec.ProviderID == "" {
		return 0
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	delay, known := b.of[node.Name]
	if !known {
		delay = b.delays[b.next%len(b.delays)]
		b.of[node.Name], b.next = delay, b.next+1
	}
	return delay
}
