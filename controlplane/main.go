// Command controlplane is a Kubernetes control plane without containers: kube-apiserver,
// kube-controller-manager and etcd in one binary, and Karpenter's CRDs as its own Go package embeds them.
// The sandbox builds and runs it (workshop/sandbox/clusters).
package main

import (
	"fmt"
	"os"

	karpenter "github.com/aws/karpenter-provider-aws/pkg/apis"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func main() {
	if len(os.Args) < 2 {
		stop("usage: controlplane kube-apiserver|kube-controller-manager|etcd|crds [flags]")
	}
	os.Args = os.Args[1:] // each part reads them as if it had been started under its own name
	switch os.Args[0] {
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "etcd":
		etcdmain.Main(os.Args)
	case "crds":
		for _, crd := range [][]byte{
			karpenter.EC2NodeClassCRD, karpenter.NodePoolCRD, karpenter.NodeClaimCRD, karpenter.NodeOverlayCRD,
		} {
			fmt.Printf("%s\n", crd)
		}
	default:
		stop("controlplane: there is no part " + os.Args[0])
	}
}

func stop(reason string) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(2)
}
