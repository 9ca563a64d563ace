package kubelet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	remotecommandconsts "k8s.io/apimachinery/pkg/util/remotecommand"
	"k8s.io/kubelet/pkg/cri/streaming/remotecommand"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	idleTimeout   = 4 * time.Hour // as kubelets have it
	headerTimeout = 10 * time.Second
)

// server answers the one part of the kubelet's API that is served: exec, to the API server alone.
type server struct {
	address   string
	tls       *tls.Config
	client    client.Client
	sandboxes *sandboxes
}

func newServer(options Options, client client.Client, sandboxes *sandboxes) (*server, error) {
	certificate, err := tls.LoadX509KeyPair(options.Certificate, options.Key)
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(options.ClientCA)
	if err != nil {
		return nil, err
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s has no certificate", options.ClientCA)
	}
	return &server{
		address:   net.JoinHostPort("127.0.0.1", strconv.Itoa(options.Port)),
		client:    client,
		sandboxes: sandboxes,
		tls: &tls.Config{
			Certificates: []tls.Certificate{certificate},
			ClientAuth:   tls.RequireAndVerifyClientCert,
			ClientCAs:    authorities,
			MinVersion:   tls.VersionTLS13,
			VerifyConnection: func(state tls.ConnectionState) error {
				if name := state.PeerCertificates[0].Subject.CommonName; name != options.ClientName {
					return fmt.Errorf("%q is not the API server", name)
				}
				return nil
			},
		},
	}, nil
}

// serve returns when ctx ends; what runs for pods is then ended too.
func (s *server) serve(ctx context.Context) error {
	defer s.sandboxes.stopAll()
	routes := http.NewServeMux()
	routes.HandleFunc("/exec/{namespace}/{pod}/{container}", s.exec)
	listening := &http.Server{
		Addr:              s.address,
		Handler:           routes,
		TLSConfig:         s.tls,
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){}, // no HTTP/2: it has no upgrades
		ReadHeaderTimeout: headerTimeout,
	}
	go func() {
		<-ctx.Done()
		_ = listening.Close()
	}()
	if err := listening.ListenAndServeTLS("", ""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// exec runs a command in a container that runs.
func (s *server) exec(response http.ResponseWriter, request *http.Request) {
	name := types.NamespacedName{Namespace: request.PathValue("namespace"), Name: request.PathValue("pod")}
	pod := &corev1.Pod{}
	if err := s.client.Get(request.Context(), name, pod); err != nil {
		code := http.StatusInternalServerError
		if apierrors.IsNotFound(err) {
			code = http.StatusNotFound
		}
		http.Error(response, err.Error(), code)
		return
	}
	streams, err := remotecommand.NewOptions(request)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	command := request.URL.Query()["command"]
	container := runningContainer(pod, request.PathValue("container"))
	switch {
	case len(command) == 0 || command[0] == "":
		http.Error(response, "there is no command", http.StatusBadRequest)
		return
	case streams.TTY:
		http.Error(response, "the sandbox has no terminals: leave out tty (kubectl's -t)", http.StatusBadRequest)
		return
	case container == nil:
		reason := fmt.Sprintf("container %s of pod %s does not run", request.PathValue("container"), name)
		http.Error(response, reason, http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(
		response, request, executor{sandboxes: s.sandboxes, container: container}, pod.Name, pod.UID, container.Name, command,
		streams, idleTimeout, remotecommandconsts.DefaultStreamCreationTimeout,
		remotecommandconsts.SupportedStreamingProtocols,
	)
}

// runningContainer answers the pod's container of this name, nil where it doesn't run.
func runningContainer(pod *corev1.Pod, name string) *corev1.Container {
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name != name || status.State.Running == nil {
			continue
		}
		for i := range pod.Spec.Containers {
			if pod.Spec.Containers[i].Name == name {
				return &pod.Spec.Containers[i]
			}
		}
	}
	return nil
}
