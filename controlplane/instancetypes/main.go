// Command instancetypes says what Karpenter makes of node classes and node pools: which instance types are left to a
// pool, and what the nodes of each type offer to pods. Questions and answers are lines of JSON.
//
// The policies' own reading of Karpenter is held against it (tests/differential).
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"sigs.k8s.io/karpenter/pkg/cloudprovider"
	"sigs.k8s.io/karpenter/pkg/scheduling"

	karpenter "sigs.k8s.io/karpenter/pkg/apis/v1"

	aws "github.com/aws/karpenter-provider-aws/pkg/apis/v1"
	"github.com/aws/karpenter-provider-aws/pkg/operator/options"
	"github.com/aws/karpenter-provider-aws/pkg/providers/instancetype"
)

// instance is what EC2 says of a type. Pods is how many addresses its network interfaces have for pods.
type instance struct {
	Name         string  `json:"name"`
	VCPU         int32   `json:"vcpu"`
	MemoryMiB    int64   `json:"memory_mib"`
	Pods         int32   `json:"pods"`
	Manufacturer string  `json:"manufacturer"`
	GHz          float64 `json:"ghz"`
	EBSMbps      int32   `json:"ebs_mbps"`
	IsEncrypting bool    `json:"is_encrypting"`
}

// question is a class, a pool of it, and what EC2 offers in a region. Family is the class's AMI family.
type question struct {
	Class     aws.EC2NodeClass   `json:"class"`
	Family    string             `json:"family"`
	Pool      karpenter.NodePool `json:"pool"`
	Region    string             `json:"region"`
	Zones     []string           `json:"zones"`
	Instances []instance         `json:"instances"`
}

// answer is empty where too few types are left for minValues. Offered has millicores, bytes, bytes and pods.
type answer struct {
	Left    []string            `json:"left"`
	Offered map[string][4]int64 `json:"offered"`
}

func main() {
	// Karpenter's own default (VM_MEMORY_OVERHEAD_PERCENT).
	ctx := options.ToContext(context.Background(), &options.Options{VMMemoryOverheadPercent: 0.075})
	lines, out := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			stop(err)
		}
		if err := out.Encode(answered(ctx, asked)); err != nil {
			stop(err)
		}
	}
	if err := lines.Err(); err != nil {
		stop(err)
	}
}

func answered(ctx context.Context, asked question) answer {
	found := answer{Left: []string{}, Offered: map[string][4]int64{}}
	wanted := scheduling.NewNodeSelectorRequirementsWithMinValues(asked.Pool.Spec.Template.Spec.Requirements...)
	left := cloudprovider.InstanceTypes{}
	for _, each := range asked.Instances {
		one := karpenterType(ctx, asked, each)
		offers := one.Allocatable()
		found.Offered[each.Name] = [4]int64{
			offers.Cpu().MilliValue(), offers.Memory().Value(), offers.StorageEphemeral().Value(), offers.Pods().Value(),
		}
		if one.Requirements.Intersects(wanted) == nil {
			left = append(left, one)
		}
	}
	if _, _, err := left.SatisfiesMinValues(wanted); err != nil {
		left = nil
	}
	for _, one := range left {
		found.Left = append(found.Left, one.Name)
	}
	return found
}

func karpenterType(ctx context.Context, asked question, each instance) *cloudprovider.InstanceType {
	zones := make([]aws.ZoneInfo, len(asked.Zones))
	for i, zone := range asked.Zones {
		zones[i] = aws.ZoneInfo{Zone: zone}
	}
	kubelet := asked.Class.Spec.Kubelet
	if kubelet == nil {
		kubelet = &aws.KubeletConfiguration{}
	}
	return instancetype.NewInstanceType(
		ctx, info(each), asked.Region, asked.Zones, zones,
		asked.Class.Spec.BlockDeviceMappings, asked.Class.Spec.InstanceStorePolicy, nil,
		kubelet.MaxPods, kubelet.PodsPerCore, kubelet.KubeReserved, kubelet.SystemReserved,
		kubelet.EvictionHard, kubelet.EvictionSoft, asked.Family, nil,
	)
}

// info has one network interface with as many addresses as make the type's pods: interfaces x (addresses - 1) + 2.
func info(each instance) ec2.InstanceTypeInfo {
	return ec2.InstanceTypeInfo{
		InstanceType:          ec2.InstanceType(each.Name),
		Hypervisor:            ec2.InstanceTypeHypervisorNitro,
		SupportedUsageClasses: []ec2.UsageClassType{ec2.UsageClassTypeOnDemand, ec2.UsageClassTypeSpot},
		VCpuInfo:              &ec2.VCpuInfo{DefaultVCpus: awssdk.Int32(each.VCPU)},
		MemoryInfo:            &ec2.MemoryInfo{SizeInMiB: awssdk.Int64(each.MemoryMiB)},
		ProcessorInfo: &ec2.ProcessorInfo{
			Manufacturer:             awssdk.String(each.Manufacturer),
			SupportedArchitectures:   []ec2.ArchitectureType{ec2.ArchitectureTypeX8664},
			SustainedClockSpeedInGhz: awssdk.Float64(each.GHz),
		},
		EbsInfo: &ec2.EbsInfo{
			EbsOptimizedSupport: ec2.EbsOptimizedSupportDefault,
			EbsOptimizedInfo:    &ec2.EbsOptimizedInfo{MaximumBandwidthInMbps: awssdk.Int32(each.EBSMbps)},
		},
		NetworkInfo: &ec2.NetworkInfo{
			DefaultNetworkCardIndex:      awssdk.Int32(0),
			EncryptionInTransitSupported: awssdk.Bool(each.IsEncrypting),
			Ipv4AddressesPerInterface:    awssdk.Int32(each.Pods - 1),
			NetworkCards:                 []ec2.NetworkCardInfo{{MaximumNetworkInterfaces: awssdk.Int32(1)}},
		},
	}
}

func stop(err error) {
	fmt.Fprintln(os.Stderr, "instancetypes:", err)
	os.Exit(1)
}
