"""The fields of Deployments, Services and HorizontalPodAutoscalers, at every depth, by their Go types.

After apps/v1, core/v1, autoscaling/v1, autoscaling/v2 and meta/v1 of k8s.io/api and k8s.io/apimachinery, 1.20
to 1.37: a field that one of them knows is here.
"""

from __future__ import annotations

from collections.abc import Mapping

# A line that begins at the margin opens a type; then its fields as documents name them, with commas between.
# A field with a type behind it holds a value of that type, or a list of them; what is in any other field
# (a scalar, a mapping of anybody's keys, a status) is not judged.
_TABLE = """
Deployment: apiVersion, kind, metadata ObjectMeta, spec DeploymentSpec, status
DeploymentSpec: replicas, selector LabelSelector, template PodTemplateSpec, strategy DeploymentStrategy,
  minReadySeconds, revisionHistoryLimit, paused, progressDeadlineSeconds
DeploymentStrategy: type, rollingUpdate RollingUpdateDeployment
RollingUpdateDeployment: maxUnavailable, maxSurge
Service: apiVersion, kind, metadata ObjectMeta, spec ServiceSpec, status
ServiceSpec: ports ServicePort, selector, clusterIP, clusterIPs, type, externalIPs, sessionAffinity,
  loadBalancerIP, loadBalancerSourceRanges, externalName, externalTrafficPolicy, healthCheckNodePort,
  publishNotReadyAddresses, sessionAffinityConfig SessionAffinityConfig, ipFamilies, ipFamilyPolicy,
  allocateLoadBalancerNodePorts, loadBalancerClass, internalTrafficPolicy, trafficDistribution, topologyKeys
ServicePort: name, protocol, appProtocol, port, targetPort, nodePort
SessionAffinityConfig: clientIP ClientIPConfig
ClientIPConfig: timeoutSeconds
v1.HorizontalPodAutoscaler: apiVersion, kind, metadata ObjectMeta, spec v1.HorizontalPodAutoscalerSpec, status
v1.HorizontalPodAutoscalerSpec: scaleTargetRef CrossVersionObjectReference, minReplicas, maxReplicas,
  targetCPUUtilizationPercentage
HorizontalPodAutoscaler: apiVersion, kind, metadata ObjectMeta, spec HorizontalPodAutoscalerSpec, status
HorizontalPodAutoscalerSpec: scaleTargetRef CrossVersionObjectReference, minReplicas, maxReplicas,
  metrics MetricSpec, behavior HorizontalPodAutoscalerBehavior
CrossVersionObjectReference: kind, name, apiVersion
MetricSpec: type, object ObjectMetricSource, pods PodsMetricSource, resource ResourceMetricSource,
  containerResource ContainerResourceMetricSource, external ExternalMetricSource
ObjectMetricSource: describedObject CrossVersionObjectReference, target MetricTarget, metric MetricIdentifier
PodsMetricSource: metric MetricIdentifier, target MetricTarget
ResourceMetricSource: name, target MetricTarget
ContainerResourceMetricSource: name, target MetricTarget, container
ExternalMetricSource: metric MetricIdentifier, target MetricTarget
MetricIdentifier: name, selector LabelSelector
MetricTarget: type, value, averageValue, averageUtilization
HorizontalPodAutoscalerBehavior: scaleUp HPAScalingRules, scaleDown HPAScalingRules
HPAScalingRules: stabilizationWindowSeconds, selectPolicy, policies HPAScalingPolicy, tolerance
HPAScalingPolicy: type, value, periodSeconds
PodTemplateSpec: metadata ObjectMeta, spec PodSpec
ObjectMeta: name, generateName, namespace, selfLink, uid, resourceVersion, generation, creationTimestamp,
  deletionTimestamp, deletionGracePeriodSeconds, labels, annotations, ownerReferences OwnerReference,
  finalizers, managedFields ManagedFieldsEntry, clusterName
PodSpec: volumes Volume, initContainers Container, containers Container, ephemeralContainers
  EphemeralContainer, restartPolicy, terminationGracePeriodSeconds, activeDeadlineSeconds, dnsPolicy,
  nodeSelector, serviceAccountName, serviceAccount, automountServiceAccountToken, nodeName, hostNetwork,
  hostPID, hostIPC, shareProcessNamespace, securityContext PodSecurityContext, imagePullSecrets
  LocalObjectReference, hostname, subdomain, affinity Affinity, schedulerName, tolerations Toleration,
  hostAliases HostAlias, priorityClassName, priority, dnsConfig PodDNSConfig, readinessGates
  PodReadinessGate, runtimeClassName, enableServiceLinks, preemptionPolicy, overhead,
  topologySpreadConstraints TopologySpreadConstraint, setHostnameAsFQDN, os PodOS, hostUsers,
  schedulingGates PodSchedulingGate, resourceClaims PodResourceClaim, resources ResourceRequirements,
  hostnameOverride, schedulingGroup PodSchedulingGroup, evictionResponders EvictionResponder, workloadRef
  WorkloadReference
OwnerReference: apiVersion, kind, name, uid, controller, blockOwnerDeletion
ManagedFieldsEntry: manager, operation, apiVersion, time, fieldsType, fieldsV1, subresource
Volume: name, hostPath HostPathVolumeSource, emptyDir EmptyDirVolumeSource, gcePersistentDisk
  GCEPersistentDiskVolumeSource, awsElasticBlockStore AWSElasticBlockStoreVolumeSource, gitRepo
  GitRepoVolumeSource, secret SecretVolumeSource, nfs NFSVolumeSource, iscsi ISCSIVolumeSource, glusterfs
  GlusterfsVolumeSource, persistentVolumeClaim PersistentVolumeClaimVolumeSource, rbd RBDVolumeSource,
  flexVolume FlexVolumeSource, cinder CinderVolumeSource, cephfs CephFSVolumeSource, flocker
  FlockerVolumeSource, downwardAPI DownwardAPIVolumeSource, fc FCVolumeSource, azureFile
  AzureFileVolumeSource, configMap ConfigMapVolumeSource, vsphereVolume VsphereVirtualDiskVolumeSource,
  quobyte QuobyteVolumeSource, azureDisk AzureDiskVolumeSource, photonPersistentDisk
  PhotonPersistentDiskVolumeSource, projected ProjectedVolumeSource, portworxVolume PortworxVolumeSource,
  scaleIO ScaleIOVolumeSource, storageos StorageOSVolumeSource, csi CSIVolumeSource, ephemeral
  EphemeralVolumeSource, image ImageVolumeSource
Container: name, image, command, args, workingDir, ports ContainerPort, envFrom EnvFromSource, env EnvVar,
  resources ResourceRequirements, resizePolicy ContainerResizePolicy, restartPolicy, restartPolicyRules
  ContainerRestartRule, volumeMounts VolumeMount, volumeDevices VolumeDevice, livenessProbe Probe,
  readinessProbe Probe, startupProbe Probe, lifecycle Lifecycle, terminationMessagePath,
  terminationMessagePolicy, imagePullPolicy, securityContext SecurityContext, stdin, stdinOnce, tty
EphemeralContainer: name, image, command, args, workingDir, ports ContainerPort, envFrom EnvFromSource, env
  EnvVar, resources ResourceRequirements, resizePolicy ContainerResizePolicy, restartPolicy,
  restartPolicyRules ContainerRestartRule, volumeMounts VolumeMount, volumeDevices VolumeDevice,
  livenessProbe Probe, readinessProbe Probe, startupProbe Probe, lifecycle Lifecycle,
  terminationMessagePath, terminationMessagePolicy, imagePullPolicy, securityContext SecurityContext, stdin,
  stdinOnce, tty, targetContainerName
PodSecurityContext: seLinuxOptions SELinuxOptions, windowsOptions WindowsSecurityContextOptions, runAsUser,
  runAsGroup, runAsNonRoot, supplementalGroups, supplementalGroupsPolicy, fsGroup, sysctls Sysctl,
  fsGroupChangePolicy, seccompProfile SeccompProfile, appArmorProfile AppArmorProfile, seLinuxChangePolicy
LocalObjectReference: name
Affinity: nodeAffinity NodeAffinity, podAffinity PodAffinity, podAntiAffinity PodAntiAffinity
Toleration: key, operator, value, effect, tolerationSeconds
HostAlias: ip, hostnames
PodDNSConfig: nameservers, searches, options PodDNSConfigOption
PodReadinessGate: conditionType
TopologySpreadConstraint: maxSkew, topologyKey, whenUnsatisfiable, labelSelector LabelSelector, minDomains,
  nodeAffinityPolicy, nodeTaintsPolicy, matchLabelKeys
PodOS: name
PodSchedulingGate: name
PodResourceClaim: name, resourceClaimName, resourceClaimTemplateName, source ClaimSource
ResourceRequirements: limits, requests, claims ResourceClaim
PodSchedulingGroup: podGroupName
EvictionResponder: name, priority
WorkloadReference: name, podGroup, podGroupReplicaKey
HostPathVolumeSource: path, type
EmptyDirVolumeSource: medium, sizeLimit, mode
GCEPersistentDiskVolumeSource: pdName, fsType, partition, readOnly
AWSElasticBlockStoreVolumeSource: volumeID, fsType, partition, readOnly
GitRepoVolumeSource: repository, revision, directory
SecretVolumeSource: secretName, items KeyToPath, defaultMode, optional, defaultUser
NFSVolumeSource: server, path, readOnly
ISCSIVolumeSource: targetPortal, iqn, lun, iscsiInterface, fsType, readOnly, portals, chapAuthDiscovery,
  chapAuthSession, secretRef LocalObjectReference, initiatorName
GlusterfsVolumeSource: endpoints, path, readOnly
PersistentVolumeClaimVolumeSource: claimName, readOnly
RBDVolumeSource: monitors, image, fsType, pool, user, keyring, secretRef LocalObjectReference, readOnly
FlexVolumeSource: driver, fsType, secretRef LocalObjectReference, readOnly, options
CinderVolumeSource: volumeID, fsType, readOnly, secretRef LocalObjectReference
CephFSVolumeSource: monitors, path, user, secretFile, secretRef LocalObjectReference, readOnly
FlockerVolumeSource: datasetName, datasetUUID
DownwardAPIVolumeSource: items DownwardAPIVolumeFile, defaultMode, defaultUser
FCVolumeSource: targetWWNs, lun, fsType, readOnly, wwids
AzureFileVolumeSource: secretName, shareName, readOnly
ConfigMapVolumeSource: name, items KeyToPath, defaultMode, optional, defaultUser
VsphereVirtualDiskVolumeSource: volumePath, fsType, storagePolicyName, storagePolicyID
QuobyteVolumeSource: registry, volume, readOnly, user, group, tenant
AzureDiskVolumeSource: diskName, diskURI, cachingMode, fsType, readOnly, kind
PhotonPersistentDiskVolumeSource: pdID, fsType
ProjectedVolumeSource: sources VolumeProjection, defaultMode, defaultUser
PortworxVolumeSource: volumeID, fsType, readOnly
ScaleIOVolumeSource: gateway, system, secretRef LocalObjectReference, sslEnabled, protectionDomain,
  storagePool, storageMode, volumeName, fsType, readOnly
StorageOSVolumeSource: volumeName, volumeNamespace, fsType, readOnly, secretRef LocalObjectReference
CSIVolumeSource: driver, readOnly, fsType, volumeAttributes, nodePublishSecretRef LocalObjectReference
EphemeralVolumeSource: volumeClaimTemplate PersistentVolumeClaimTemplate, readOnly
ImageVolumeSource: reference, pullPolicy
ContainerPort: name, hostPort, containerPort, protocol, hostIP
EnvFromSource: prefix, configMapRef ConfigMapEnvSource, secretRef SecretEnvSource
EnvVar: name, value, valueFrom EnvVarSource
ContainerResizePolicy: resourceName, restartPolicy
ContainerRestartRule: action, exitCodes ContainerRestartRuleOnExitCodes
VolumeMount: name, readOnly, recursiveReadOnly, mountPath, subPath, mountPropagation, subPathExpr,
  bindMountOptions
VolumeDevice: name, devicePath
Probe: exec ExecAction, httpGet HTTPGetAction, tcpSocket TCPSocketAction, grpc GRPCAction,
  initialDelaySeconds, timeoutSeconds, periodSeconds, successThreshold, failureThreshold,
  terminationGracePeriodSeconds
Lifecycle: postStart LifecycleHandler, preStop LifecycleHandler, stopSignal
SecurityContext: capabilities Capabilities, privileged, seLinuxOptions SELinuxOptions, windowsOptions
  WindowsSecurityContextOptions, runAsUser, runAsGroup, runAsNonRoot, readOnlyRootFilesystem,
  allowPrivilegeEscalation, procMount, seccompProfile SeccompProfile, appArmorProfile AppArmorProfile
SELinuxOptions: user, role, type, level
WindowsSecurityContextOptions: gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName, hostProcess
Sysctl: name, value
SeccompProfile: type, localhostProfile
AppArmorProfile: type, localhostProfile
NodeAffinity: requiredDuringSchedulingIgnoredDuringExecution NodeSelector,
  preferredDuringSchedulingIgnoredDuringExecution PreferredSchedulingTerm
PodAffinity: requiredDuringSchedulingIgnoredDuringExecution PodAffinityTerm,
  preferredDuringSchedulingIgnoredDuringExecution WeightedPodAffinityTerm
PodAntiAffinity: requiredDuringSchedulingIgnoredDuringExecution PodAffinityTerm,
  preferredDuringSchedulingIgnoredDuringExecution WeightedPodAffinityTerm
PodDNSConfigOption: name, value
LabelSelector: matchLabels, matchExpressions LabelSelectorRequirement
ClaimSource: resourceClaimName, resourceClaimTemplateName
ResourceClaim: name, request
KeyToPath: key, path, mode, user
DownwardAPIVolumeFile: path, fieldRef ObjectFieldSelector, resourceFieldRef ResourceFieldSelector, mode,
  user
VolumeProjection: secret SecretProjection, downwardAPI DownwardAPIProjection, configMap ConfigMapProjection,
  serviceAccountToken ServiceAccountTokenProjection, clusterTrustBundle ClusterTrustBundleProjection,
  podCertificate PodCertificateProjection
PersistentVolumeClaimTemplate: metadata ObjectMeta, spec PersistentVolumeClaimSpec
ConfigMapEnvSource: name, optional
SecretEnvSource: name, optional
EnvVarSource: fieldRef ObjectFieldSelector, resourceFieldRef ResourceFieldSelector, configMapKeyRef
  ConfigMapKeySelector, secretKeyRef SecretKeySelector, fileKeyRef FileKeySelector
ContainerRestartRuleOnExitCodes: operator, values
ExecAction: command
HTTPGetAction: path, port, host, scheme, httpHeaders HTTPHeader, protocol
TCPSocketAction: port, host
GRPCAction: port, service, mode
LifecycleHandler: exec ExecAction, httpGet HTTPGetAction, tcpSocket TCPSocketAction, sleep SleepAction
Capabilities: add, drop
NodeSelector: nodeSelectorTerms NodeSelectorTerm
PreferredSchedulingTerm: weight, preference NodeSelectorTerm
PodAffinityTerm: labelSelector LabelSelector, namespaces, topologyKey, namespaceSelector LabelSelector,
  matchLabelKeys, mismatchLabelKeys
WeightedPodAffinityTerm: weight, podAffinityTerm PodAffinityTerm
LabelSelectorRequirement: key, operator, values
ObjectFieldSelector: apiVersion, fieldPath
ResourceFieldSelector: containerName, resource, divisor
SecretProjection: name, items KeyToPath, optional
DownwardAPIProjection: items DownwardAPIVolumeFile
ConfigMapProjection: name, items KeyToPath, optional
ServiceAccountTokenProjection: audience, expirationSeconds, path, user
ClusterTrustBundleProjection: name, signerName, labelSelector LabelSelector, optional, path, user
PodCertificateProjection: signerName, keyType, maxExpirationSeconds, credentialBundlePath, keyPath,
  certificateChainPath, userAnnotations, user
PersistentVolumeClaimSpec: accessModes, selector LabelSelector, resources VolumeResourceRequirements,
  volumeName, storageClassName, volumeMode, dataSource TypedLocalObjectReference, dataSourceRef
  TypedObjectReference, volumeAttributesClassName
ConfigMapKeySelector: name, key, optional
SecretKeySelector: name, key, optional
FileKeySelector: volumeName, path, key, optional
HTTPHeader: name, value
SleepAction: seconds
NodeSelectorTerm: matchExpressions NodeSelectorRequirement, matchFields NodeSelectorRequirement
VolumeResourceRequirements: limits, requests
TypedLocalObjectReference: apiGroup, kind, name
TypedObjectReference: apiGroup, kind, name, namespace
NodeSelectorRequirement: key, operator, values
"""


def _types(table: str) -> dict[str, dict[str, str]]:
    lines = table.strip().replace("\n  ", " ").splitlines()
    rows = (line.split(": ", 1) for line in lines)
    return {
        name: {key: go for key, _, go in (field.partition(" ") for field in row.split(", "))}
        for name, row in rows
    }


TYPES: Mapping[str, Mapping[str, str]] = _types(_TABLE)
"""The fields of each type, and the type of what each holds ("" where that is not judged)."""
