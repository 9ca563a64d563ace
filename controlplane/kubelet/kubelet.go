// Package kubelet stands in for every kubelet of one cluster.
//
// It plays nodes and pods as kubelets report them and starts no containers: only what is asked for by exec is run, as a
// process of this machine in a folder of the pod's own. docs/clusters.md says what that means for safety.
package kubelet

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"syscall"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metrics "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// What all kubelets of a large cluster together may ask of the API server in a second, and do at once.
const (
	qps         = 500
	concurrency = 10
)

// inheritable is above every file that whoever starts this process may hand on.
const inheritable = 64

// Options are the flags.
type Options struct {
	Folder      string        // where pods have their files, in a folder each
	Port        int           // on which exec is served, on 127.0.0.1
	Certificate string        // the server's
	Key         string        // of that certificate
	ClientCA    string        // signs the certificate of the API server as a client
	ClientName  string        // that certificate's common name
	PlainNodes  int           // nodes that are made at the start, for clusters without Karpenter
	BootDelays  string        // from a node's creation until it is ready: of the first, second ... and from the first again
	StartDelay  time.Duration // until a container runs
	Volume      string        // size of the disk of nodes that Karpenter makes; empty: none is played
	Images      string        // what images and logs take of it
	Speed       int           // times as fast as disks and pulls are
	ImageSizes  string        // of images that nodes pull, as NAME=SIZE separated by commas; others are there at once
	PullRate    string        // of one pull, a second
	// ParallelPulls is how many a node pulls at a time.
	ParallelPulls int
	// RefusedPulls is how many tries of each pull the registry refuses first.
	RefusedPulls int
	Elsewhere    string // names of images whose containers somebody else runs, separated by commas
}

// Run reads flags and KUBECONFIG, and returns when it is told to end.
func Run(arguments []string) error {
	options, err := parse(arguments)
	if err != nil {
		return err
	}
	for descriptor := 3; descriptor < inheritable; descriptor++ {
		syscall.CloseOnExec(descriptor) // such as the lock that says that this process lives
	}
	ctrl.SetLogger(klog.Background())
	access, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	access.QPS, access.Burst = qps, 2*qps
	kubelets, err := ctrl.NewManager(access, ctrl.Options{
		Scheme:  scheme.Scheme,
		Metrics: metrics.Options{BindAddress: "0"},
		Cache: cache.Options{ByObject: map[client.Object]cache.ByObject{
			&corev1.Pod{}: {Field: fields.OneTermNotEqualSelector("spec.nodeName", "")},
		}},
		Client:     client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&coordinationv1.Lease{}}}},
		Controller: config.Controller{MaxConcurrentReconciles: concurrency},
	})
	if err != nil {
		return err
	}
	sandboxes := newSandboxes(options.Folder)
	disks, err := newDisks(options, kubelets.GetClient())
	if err != nil {
		return err
	}
	images, err := newImages(options)
	if err != nil {
		return err
	}
	boots, err := newBoots(options.BootDelays)
	if err != nil {
		return err
	}
	nodes := &nodes{client: kubelets.GetClient(), port: options.Port, boots: boots, disks: disks, images: images}
	pods := &pods{
		client: kubelets.GetClient(), startDelay: options.StartDelay, images: images,
		recorder:  kubelets.GetEventRecorderFor("kubelet"), //nolint:staticcheck // as kubelets make events
		elsewhere: strings.Split(options.Elsewhere, ","), sandboxes: sandboxes,
	}
	execs, err := newServer(options, kubelets.GetClient(), sandboxes)
	if err != nil {
		return err
	}
	makePlainNodes := func(ctx context.Context) error { return nodes.makePlain(ctx, options.PlainNodes) }
	if err := errors.Join(
		nodes.register(kubelets),
		pods.register(kubelets),
		kubelets.Add(manager.RunnableFunc(execs.serve)),
		kubelets.Add(manager.RunnableFunc(makePlainNodes)),
		kubelets.Add(manager.RunnableFunc(disks.run)),
	); err != nil {
		return err
	}
	return kubelets.Start(ctrl.SetupSignalHandler())
}

func parse(arguments []string) (Options, error) {
	options := Options{}
	flags := flag.NewFlagSet("kubelet", flag.ContinueOnError)
	flags.StringVar(&options.Folder, "folder", "", "where pods have their files")
	flags.IntVar(&options.Port, "port", 0, "port on 127.0.0.1 on which exec is served")
	flags.StringVar(&options.Certificate, "tls-cert-file", "", "the server's certificate")
	flags.StringVar(&options.Key, "tls-private-key-file", "", "the server's key")
	flags.StringVar(&options.ClientCA, "client-ca-file", "", "what signs the API server's client certificate")
	flags.StringVar(&options.ClientName, "client-name", "", "the common name of that certificate")
	flags.IntVar(&options.PlainNodes, "plain-nodes", 0, "nodes to make at the start")
	flags.StringVar(&options.BootDelays, "boot-delays", "0s",
		"from a node's creation until it is ready: of the first, second and so on, separated by commas; then from the first again")
	flags.DurationVar(&options.StartDelay, "start-delay", 0, "until a container runs")
	flags.StringVar(&options.Volume, "volume", "", "size of the disk of nodes that Karpenter makes")
	flags.StringVar(&options.Images, "images", "0", "what images and logs take of it")
	flags.IntVar(&options.Speed, "speed", 1, "times as fast as disks and pulls are")
	flags.StringVar(&options.ImageSizes, "image-sizes", "", "of images that nodes pull: NAME=SIZE, separated by commas")
	flags.StringVar(&options.PullRate, "pull-rate", "25Mi", "of one pull, a second")
	flags.IntVar(&options.ParallelPulls, "parallel-pulls", 1, "how many a node pulls at a time")
	flags.IntVar(&options.RefusedPulls, "refused-pulls", 0, "tries of each pull that the registry refuses first")
	flags.StringVar(&options.Elsewhere, "elsewhere", "", "names of images whose containers somebody else runs")
	if err := flags.Parse(arguments); err != nil {
		return options, err
	}
	for _, name := range []string{
		"folder", "port", "tls-cert-file", "tls-private-key-file", "client-ca-file", "client-name",
	} {
		if given := flags.Lookup(name).Value.String(); given == "" || given == "0" {
			return options, fmt.Errorf("--%s is missing", name)
		}
	}
	return options, nil
}
