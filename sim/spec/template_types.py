"""The Go structs below a pod template in Kubernetes v1.20, as far as `template_hash` covers them.

After core/v1/types.go of k8s.io/api, meta/v1/types.go, intstr.go and quantity.go of k8s.io/apimachinery, and
pkg/apis/core/v1/defaults.go. The order of the fields is part of the hash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# A line that begins at the margin opens a struct; then fields, "NAME TYPE" with commas between:
#   NAME/json     the name in documents where it is not the Go name with a small first word
#   +NAME         embedded without a name of its own: its fields stand beside the others in documents
#   TYPE=default  what the API server fills in; 0 and "" also give way to it, but not under a pointer
#   TYPE!         refused when set: v1.20 drops the field unless a feature gate is open
# A capital without a package stands for v1. A type that is not in the table is a number or text, or a struct
# that is not covered.
_TABLE = """
PodTemplateSpec: ObjectMeta/metadata ObjectMeta, Spec PodSpec
ObjectMeta: Name string, GenerateName string, Namespace string, SelfLink string, UID types.UID,
  ResourceVersion string, Generation int64, CreationTimestamp Time, DeletionTimestamp *Time,
  DeletionGracePeriodSeconds *int64, Labels map[string]string, Annotations map[string]string,
  OwnerReferences []OwnerReference, Finalizers []string, ClusterName string,
  ManagedFields []ManagedFieldsEntry
Time: Time time.Time
time.Time: wall uint64, ext int64, loc *time.Location
PodSpec: Volumes []Volume, InitContainers []Container, Containers []Container,
  EphemeralContainers []EphemeralContainer, RestartPolicy RestartPolicy=Always,
  TerminationGracePeriodSeconds *int64=30, ActiveDeadlineSeconds *int64, DNSPolicy DNSPolicy=ClusterFirst,
  NodeSelector map[string]string, ServiceAccountName string, DeprecatedServiceAccount/serviceAccount string,
  AutomountServiceAccountToken *bool, NodeName string, HostNetwork bool, HostPID bool, HostIPC bool,
  ShareProcessNamespace *bool, SecurityContext *PodSecurityContext={},
  ImagePullSecrets []LocalObjectReference, Hostname string, Subdomain string, Affinity *Affinity,
  SchedulerName string=default-scheduler, Tolerations []Toleration, HostAliases []HostAlias,
  PriorityClassName string, Priority *int32, DNSConfig *PodDNSConfig, ReadinessGates []PodReadinessGate,
  RuntimeClassName *string, EnableServiceLinks *bool, PreemptionPolicy *PreemptionPolicy,
  Overhead ResourceList, TopologySpreadConstraints []TopologySpreadConstraint, SetHostnameAsFQDN *bool
PodSecurityContext: SELinuxOptions *SELinuxOptions, WindowsOptions *WindowsSecurityContextOptions,
  RunAsUser *int64, RunAsGroup *int64, RunAsNonRoot *bool, SupplementalGroups []int64, FSGroup *int64,
  Sysctls []Sysctl, FSGroupChangePolicy *PodFSGroupChangePolicy, SeccompProfile *SeccompProfile
SELinuxOptions: User string, Role string, Type string, Level string
Sysctl: Name string, Value string
SeccompProfile: Type SeccompProfileType, LocalhostProfile *string
LocalObjectReference: Name string
Toleration: Key string, Operator TolerationOperator, Value string, Effect TaintEffect,
  TolerationSeconds *int64
HostAlias: IP string, Hostnames []string
PodDNSConfig: Nameservers []string, Searches []string, Options []PodDNSConfigOption
PodDNSConfigOption: Name string, Value *string
PodReadinessGate: ConditionType PodConditionType
TopologySpreadConstraint: MaxSkew int32, TopologyKey string,
  WhenUnsatisfiable UnsatisfiableConstraintAction, LabelSelector *LabelSelector
LabelSelector: MatchLabels map[string]string, MatchExpressions []LabelSelectorRequirement
LabelSelectorRequirement: Key string, Operator LabelSelectorOperator, Values []string
Affinity: NodeAffinity *NodeAffinity, PodAffinity *PodAffinity, PodAntiAffinity *PodAntiAffinity
NodeAffinity: RequiredDuringSchedulingIgnoredDuringExecution *NodeSelector,
  PreferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm
NodeSelector: NodeSelectorTerms []NodeSelectorTerm
NodeSelectorTerm: MatchExpressions []NodeSelectorRequirement, MatchFields []NodeSelectorRequirement
NodeSelectorRequirement: Key string, Operator NodeSelectorOperator, Values []string
PreferredSchedulingTerm: Weight int32, Preference NodeSelectorTerm
PodAffinity: RequiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm,
  PreferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm
PodAntiAffinity: RequiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm,
  PreferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm
PodAffinityTerm: LabelSelector *LabelSelector, Namespaces []string, TopologyKey string
WeightedPodAffinityTerm: Weight int32, PodAffinityTerm PodAffinityTerm
Container: Name string, Image string, Command []string, Args []string, WorkingDir string,
  Ports []ContainerPort, EnvFrom []EnvFromSource, Env []EnvVar, Resources ResourceRequirements,
  VolumeMounts []VolumeMount, VolumeDevices []VolumeDevice, LivenessProbe *Probe, ReadinessProbe *Probe,
  StartupProbe *Probe, Lifecycle *Lifecycle, TerminationMessagePath string=/dev/termination-log,
  TerminationMessagePolicy TerminationMessagePolicy=File, ImagePullPolicy PullPolicy,
  SecurityContext *SecurityContext, Stdin bool, StdinOnce bool, TTY bool
ContainerPort: Name string, HostPort int32, ContainerPort int32, Protocol Protocol=TCP, HostIP string
EnvFromSource: Prefix string, ConfigMapRef *ConfigMapEnvSource, SecretRef *SecretEnvSource
ConfigMapEnvSource: +LocalObjectReference LocalObjectReference, Optional *bool
SecretEnvSource: +LocalObjectReference LocalObjectReference, Optional *bool
EnvVar: Name string, Value string, ValueFrom *EnvVarSource
EnvVarSource: FieldRef *ObjectFieldSelector, ResourceFieldRef *ResourceFieldSelector,
  ConfigMapKeyRef *ConfigMapKeySelector, SecretKeyRef *SecretKeySelector
ObjectFieldSelector: APIVersion string=v1, FieldPath string
ResourceFieldSelector: ContainerName string, Resource string, Divisor resource.Quantity=0
ConfigMapKeySelector: +LocalObjectReference LocalObjectReference, Key string, Optional *bool
SecretKeySelector: +LocalObjectReference LocalObjectReference, Key string, Optional *bool
ResourceRequirements: Limits ResourceList, Requests ResourceList
VolumeMount: Name string, ReadOnly bool, MountPath string, SubPath string,
  MountPropagation *MountPropagationMode, SubPathExpr string
VolumeDevice: Name string, DevicePath string
Probe: +Handler Handler, InitialDelaySeconds int32, TimeoutSeconds int32=1, PeriodSeconds int32=10,
  SuccessThreshold int32=1, FailureThreshold int32=3
Handler: Exec *ExecAction, HTTPGet *HTTPGetAction, TCPSocket *TCPSocketAction
ExecAction: Command []string
HTTPGetAction: Path string=/, Port intstr.IntOrString, Host string, Scheme URIScheme=HTTP,
  HTTPHeaders []HTTPHeader
HTTPHeader: Name string, Value string
TCPSocketAction: Port intstr.IntOrString, Host string
Lifecycle: PostStart *Handler, PreStop *Handler
SecurityContext: Capabilities *Capabilities, Privileged *bool, SELinuxOptions *SELinuxOptions,
  WindowsOptions *WindowsSecurityContextOptions, RunAsUser *int64, RunAsGroup *int64, RunAsNonRoot *bool,
  ReadOnlyRootFilesystem *bool, AllowPrivilegeEscalation *bool, ProcMount *ProcMountType!,
  SeccompProfile *SeccompProfile
Capabilities: Add []Capability, Drop []Capability
Volume: Name string, +VolumeSource VolumeSource
VolumeSource: HostPath *HostPathVolumeSource, EmptyDir *EmptyDirVolumeSource,
  GCEPersistentDisk *GCEPersistentDiskVolumeSource, AWSElasticBlockStore *AWSElasticBlockStoreVolumeSource,
  GitRepo *GitRepoVolumeSource, Secret *SecretVolumeSource, NFS *NFSVolumeSource, ISCSI *ISCSIVolumeSource,
  Glusterfs *GlusterfsVolumeSource, PersistentVolumeClaim *PersistentVolumeClaimVolumeSource,
  RBD *RBDVolumeSource, FlexVolume *FlexVolumeSource, Cinder *CinderVolumeSource,
  CephFS/cephfs *CephFSVolumeSource, Flocker *FlockerVolumeSource, DownwardAPI *DownwardAPIVolumeSource,
  FC *FCVolumeSource, AzureFile *AzureFileVolumeSource, ConfigMap *ConfigMapVolumeSource,
  VsphereVolume *VsphereVirtualDiskVolumeSource, Quobyte *QuobyteVolumeSource,
  AzureDisk *AzureDiskVolumeSource, PhotonPersistentDisk *PhotonPersistentDiskVolumeSource,
  Projected *ProjectedVolumeSource, PortworxVolume *PortworxVolumeSource, ScaleIO *ScaleIOVolumeSource,
  StorageOS/storageos *StorageOSVolumeSource, CSI *CSIVolumeSource, Ephemeral *EphemeralVolumeSource
HostPathVolumeSource: Path string, Type *HostPathType=
EmptyDirVolumeSource: Medium StorageMedium, SizeLimit *resource.Quantity
SecretVolumeSource: SecretName string, Items []KeyToPath, DefaultMode *int32=420, Optional *bool
NFSVolumeSource: Server string, Path string, ReadOnly bool
PersistentVolumeClaimVolumeSource: ClaimName string, ReadOnly bool
DownwardAPIVolumeSource: Items []DownwardAPIVolumeFile, DefaultMode *int32=420
DownwardAPIVolumeFile: Path string, FieldRef *ObjectFieldSelector, ResourceFieldRef *ResourceFieldSelector,
  Mode *int32
ConfigMapVolumeSource: +LocalObjectReference LocalObjectReference, Items []KeyToPath,
  DefaultMode *int32=420, Optional *bool
KeyToPath: Key string, Path string, Mode *int32
intstr.IntOrString: Type intstr.Type, IntVal int32, StrVal string
resource.Quantity: i resource.int64Amount, d resource.infDecAmount, s string, Format resource.Format
resource.int64Amount: value int64, scale resource.Scale
resource.infDecAmount: Dec *inf.Dec
"""
_FIELD = re.compile(r"(\+?)(\w+)(?:/(\w+))? ([^=!]+)(!?)(?:(=)(.*))?")
_LOCAL = re.compile(r"(?<![\w.])(?=[A-Z])")
_FIRST_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]|")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a Go struct, `go` its type as Go prints it, `key` its name in documents."""

    name: str
    key: str
    go: str
    inline: bool
    refused: bool
    default: str | int | dict[str, object] | None


def _field(text: str) -> Field:
    match = _FIELD.fullmatch(text)
    assert match is not None, text
    plus, name, key, go, refused, has_default, word = match.groups()
    default: str | int | dict[str, object] | None = word if has_default else None
    if word == "{}":
        default = {}
    elif word and word.isdecimal():
        default = int(word)
    key = key or _FIRST_WORD.sub(lambda first: first.group().lower(), name, count=1)
    return Field(name, key, _LOCAL.sub("v1.", go), bool(plus), bool(refused), default)


def _structs(table: str) -> dict[str, tuple[Field, ...]]:
    lines = table.strip().replace("\n  ", " ").splitlines()
    rows = (line.split(": ", 1) for line in lines)
    return {_LOCAL.sub("v1.", name): tuple(_field(text) for text in row.split(", ")) for name, row in rows}


STRUCTS = _structs(_TABLE)
