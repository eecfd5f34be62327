"""Volumes of a pod template and what mounts them, as the API server's validation has it (core/v1).

After ValidateVolumes, ValidateVolumeMounts and ValidateVolumeDevices of pkg/apis/core/validation.
"""

from __future__ import annotations

from sim.errors import shown
from sim.spec.fields import Fields
from sim.spec.syntax import expected_dns_label

_CONTAINERS = ("initContainers", "containers")
_MOUNTS = {"volumeMounts": "mountPath", "volumeDevices": "devicePath"}


def check_volumes(spec: Fields) -> None:
    """Note names of a pod's volumes that are ill-formed (E107) or given twice (E115), and mounts of volumes
    that there are not (E124) or at a place that is taken (E115).
    """
    volumes = spec.items("volumes")
    for volume in volumes:
        volume.text("name", expected_dns_label)
    names = [name for volume in volumes if isinstance(name := volume.raw("name"), str)]
    spec.check_unique("volumes")
    for key in _CONTAINERS:
        items = spec.raw(key)
        for at, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict):
                _check_mounts(Fields(spec.notes, (*spec.path, key, at), item), names)


def _check_mounts(container: Fields, names: list[str]) -> None:
    known = ", ".join(sorted(names)) or "a volume in spec.template.spec.volumes"
    for key, place in _MOUNTS.items():
        for mount in container.items(key):
            name = mount.text("name")
            if name and name not in names:
                near = mount.notes.hints.nearest(name, names)
                message = "the pod has no such volume"
                mount.problem("E124", message, "name", found=shown(name), expected=known, nearest=near)
        container.check_unique(key, place)
