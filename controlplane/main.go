// Command controlplane is a Kubernetes cluster without containers: the control plane's own programs and Karpenter's,
// in one binary, with a stand-in for the kubelets. The sandbox builds and runs it (workshop/sandbox/clusters).
package main

import (
	"fmt"
	"os"

	aws "github.com/aws/karpenter-provider-aws/pkg/apis"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kwok "sigs.k8s.io/karpenter/kwok/apis"

	"controlplane/karpenter"
	"controlplane/kubelet"
)

const parts = "kube-apiserver|kube-controller-manager|kube-scheduler|etcd|karpenter|kubelet|crds"

func main() {
	if len(os.Args) < 2 {
		stop("usage: controlplane " + parts + " [flags]")
	}
	os.Args = os.Args[1:] // each part reads them as if it had been started under its own name
	switch os.Args[0] {
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "kube-scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	case "etcd":
		etcdmain.Main(os.Args)
	case "karpenter":
		exit(karpenter.Run())
	case "kubelet":
		exit(kubelet.Run(os.Args[1:]))
	case "crds":
		for _, crd := range [][]byte{
			aws.EC2NodeClassCRD, aws.NodePoolCRD, aws.NodeClaimCRD, aws.NodeOverlayCRD, kwok.KWOKNodeClassCRD,
		} {
			fmt.Printf("%s\n", crd)
		}
	default:
		stop("controlplane: there is no part " + os.Args[0] + ": " + parts)
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %s\n", os.Args[0], err)
		os.Exit(1)
	}
}

func stop(reason string) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(2)
}
