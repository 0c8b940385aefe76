"""EC2's instances, and the interfaces and addresses that they stand on."""

import uuid

from ministack.services import ec2, ssm

from .wire import after, nested, one, xml

IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64"
IMAGE_ID = "ami-0c2023a1b2c3d4e5a"


def the_image_for_arm_is_public():
    """A public parameter names the newest Amazon Linux 2023 (minimal) for ARM, and DescribeImages tells it."""
    ssm._PUBLIC_AMI_PARAMETERS[IMAGE] = IMAGE_ID
    like = next(stub for stub in ec2._STUB_AMIS if stub[1].startswith("al2023"))
    name = like[1].replace("al2023-ami-", "al2023-ami-minimal-").replace("x86_64", "arm64")
    ec2._STUB_AMIS.append((IMAGE_ID, name, *like[2:]))


def instances_keep_their_settings():
    """An instance tells its metadata options, automatic recovery, CPU credits and user data, and has a root volume of the
    size, type, encryption and tags that it was launched with."""
    stock_xml, stock_attribute = ec2._instance_xml, ec2._ACTION_MAP["DescribeInstanceAttribute"]

    def launch(params, instance):
        options = nested(params, "MetadataOptions") or {}
        instance["_settings"] = {
            "metadataOptions": {
                "state": "applied",
                "httpTokens": options.get("HttpTokens", "optional"),
                "httpPutResponseHopLimit": options.get("HttpPutResponseHopLimit", "1"),
                "httpEndpoint": options.get("HttpEndpoint", "enabled"),
                "httpProtocolIpv6": "disabled",
                "instanceMetadataTags": options.get("InstanceMetadataTags", "disabled"),
            },
            "maintenanceOptions": {"autoRecovery": one(params, "MaintenanceOptions.AutoRecovery", "default")},
        }
        instance["_credits"] = one(params, "CreditSpecification.CpuCredits", "standard")
        disk = nested(params, "BlockDeviceMapping.1.Ebs") or {}
        for mapping in instance["BlockDeviceMappings"]:
            volume = ec2._volumes[mapping["Ebs"]["VolumeId"]]
            volume.update(
                Encrypted=disk.get("Encrypted") == "true",
                Size=int(disk.get("VolumeSize", volume["Size"])),
                VolumeType=disk.get("VolumeType", volume["VolumeType"]),
            )
            ec2._parse_tag_specs(params, "volume", volume["VolumeId"])

    def instance_xml(instance):
        return _with(stock_xml(instance), xml(instance.get("_settings", {})))

    def attribute(params):
        instance = ec2._instances.get(one(params, "InstanceId"))
        if instance and instance.get("UserData") and one(params, "Attribute") == "userData":
            told = {"instanceId": instance["InstanceId"], "userData": {"value": instance["UserData"]}}
            return ec2._xml(200, "DescribeInstanceAttributeResponse", xml(told))
        return stock_attribute(params)

    def credit_specifications(params):
        wanted = ec2._parse_member_list(params, "InstanceId") or list(ec2._instances)
        items = [
            {"instanceId": name, "cpuCredits": ec2._instances[name].get("_credits", "standard")}
            for name in wanted
            if name in ec2._instances
        ]
        body = f"<instanceCreditSpecificationSet>{xml(items, 'item')}</instanceCreditSpecificationSet>"
        return ec2._xml(200, "DescribeInstanceCreditSpecificationsResponse", body)

    _on_launch(launch)
    ec2._instance_xml = instance_xml
    ec2._ACTION_MAP["DescribeInstanceAttribute"] = attribute
    ec2._ACTION_MAP["DescribeInstanceCreditSpecifications"] = credit_specifications


def an_instance_stands_on_its_interface():
    """An instance launched on a network interface has its subnet, address and groups, and the interface is in use until the
    instance is terminated; to detach it then is an error, on which Terraform does not wait for it."""
    stock_xml, stock_run = ec2._instance_xml, ec2._ACTION_MAP["RunInstances"]
    stock_detach = ec2._ACTION_MAP["DetachNetworkInterface"]

    def launch(params, instance):
        interface = ec2._network_interfaces.get(one(params, "NetworkInterface.1.NetworkInterfaceId"))
        if not interface:
            return
        instance.update(
            SubnetId=interface["SubnetId"],
            VpcId=interface["VpcId"],
            PrivateIpAddress=interface["PrivateIpAddress"],
            SecurityGroups=interface["Groups"],
            SourceDestCheck=interface["SourceDestCheck"],
            Placement={**instance["Placement"], "AvailabilityZone": interface["AvailabilityZone"]},
        )
        interface.update(
            Status="in-use",
            Attachment={
                "AttachmentId": f"eni-attach-{uuid.uuid4().hex[:17]}",
                "InstanceId": instance["InstanceId"],
                "DeviceIndex": 0,
                "Status": "attached",
                "AttachTime": instance["LaunchTime"],
            },
        )

    def run(params):
        interface = ec2._network_interfaces.get(one(params, "NetworkInterface.1.NetworkInterfaceId"))
        if interface and interface["Status"] == "in-use":
            return ec2._error("InvalidNetworkInterface.InUse", "The network interface is currently in use.", 400)
        return stock_run(params)

    def instance_xml(instance):
        interfaces = [eni for eni in ec2._network_interfaces.values() if _attached(eni, instance["InstanceId"])]
        told = [
            {
                "networkInterfaceId": interface["NetworkInterfaceId"],
                "subnetId": interface["SubnetId"],
                "vpcId": interface["VpcId"],
                "status": "in-use",
                "privateIpAddress": interface["PrivateIpAddress"],
                "sourceDestCheck": interface["SourceDestCheck"],
                "attachment": {
                    "attachmentId": interface["Attachment"]["AttachmentId"],
                    "deviceIndex": 0,
                    "networkCardIndex": 0,
                    "status": "attached",
                    "deleteOnTermination": False,
                },
            }
            for interface in interfaces
        ]
        return _with(stock_xml(instance), f"<networkInterfaceSet>{xml(told, 'item')}</networkInterfaceSet>")

    def terminate(params, _response):
        for name in ec2._parse_member_list(params, "InstanceId"):
            for interface in ec2._network_interfaces.values():
                if _attached(interface, name):
                    interface.update(Status="available", Attachment=None)

    def detach(params):
        attachment = one(params, "AttachmentId")
        attachments = [interface["Attachment"] or {} for interface in ec2._network_interfaces.values()]
        if not any(it.get("AttachmentId") == attachment for it in attachments):
            return ec2._error("InvalidAttachmentID.NotFound", f"The attachment '{attachment}' does not exist", 400)
        return stock_detach(params)

    ec2._ACTION_MAP["RunInstances"] = run
    ec2._ACTION_MAP["DetachNetworkInterface"] = detach
    _on_launch(launch)
    ec2._instance_xml = instance_xml
    after(ec2._ACTION_MAP, "TerminateInstances", terminate)


def a_root_volume_goes_with_its_instance():
    """The volumes of a terminated instance that are to be deleted with it are gone."""

    def terminate(params, _response):
        for name in ec2._parse_member_list(params, "InstanceId"):
            for mapping in ec2._instances[name]["BlockDeviceMappings"]:
                if mapping["Ebs"]["DeleteOnTermination"]:
                    ec2._volumes.pop(mapping["Ebs"]["VolumeId"], None)

    after(ec2._ACTION_MAP, "TerminateInstances", terminate)


def interfaces_are_tagged_filtered_and_changed():
    """A network interface keeps the tags that it is created with, is filtered by them, its subnet, VPC, groups and
    attachment, and ModifyNetworkInterfaceAttribute changes its source/destination check."""
    filters = {
        "network-interface-id": lambda interface: [interface["NetworkInterfaceId"]],
        "subnet-id": lambda interface: [interface["SubnetId"]],
        "vpc-id": lambda interface: [interface["VpcId"]],
        "description": lambda interface: [interface["Description"]],
        "status": lambda interface: [interface["Status"]],
        "group-id": lambda interface: [group["GroupId"] for group in interface["Groups"]],
        "attachment.instance-id": lambda interface: [(interface["Attachment"] or {}).get("InstanceId")],
        "attachment.attachment-id": lambda interface: [(interface["Attachment"] or {}).get("AttachmentId")],
    }

    def create(params, response):
        name = response[2].decode().split("<networkInterfaceId>")[1].split("<")[0]
        ec2._parse_tag_specs(params, "network-interface", name)
        body = response[2].decode().replace("<tagSet/>", ec2._tag_set_xml(name))
        return response[0], response[1], body.encode()

    def describe(params):
        wanted, asked = ec2._parse_member_list(params, "NetworkInterfaceId"), ec2._parse_filters(params)
        missing = [name for name in wanted if name not in ec2._network_interfaces]
        if missing:
            message = f"The networkInterface ID '{missing[0]}' does not exist"
            return ec2._error("InvalidNetworkInterfaceID.NotFound", message, 400)
        found = [
            interface
            for name, interface in ec2._network_interfaces.items()
            if (not wanted or name in wanted)
            and all(set(values) & set(filters[key](interface)) for key, values in asked.items() if key in filters)
            and ec2._resource_matches_tag_filters(name, asked)
        ]
        items = "".join(ec2._eni_fields_xml(interface) for interface in found)
        body = f"<networkInterfaceSet>{items}</networkInterfaceSet>"
        return ec2._xml(200, "DescribeNetworkInterfacesResponse", body)

    def modify(params):
        interface = ec2._network_interfaces[one(params, "NetworkInterfaceId")]
        if one(params, "SourceDestCheck.Value") is not None:
            interface["SourceDestCheck"] = one(params, "SourceDestCheck.Value") == "true"
        return ec2._xml(200, "ModifyNetworkInterfaceAttributeResponse", "<return>true</return>")

    after(ec2._ACTION_MAP, "CreateNetworkInterface", create)
    ec2._ACTION_MAP["DescribeNetworkInterfaces"] = describe
    ec2._ACTION_MAP["ModifyNetworkInterfaceAttribute"] = modify


def routes_lead_to_interfaces():
    """A route can lead to a network interface, and tells it."""
    stock_replace = ec2._ACTION_MAP["ReplaceRoute"]

    def point(params):
        table = ec2._route_tables[one(params, "RouteTableId")]
        destination = one(params, "DestinationCidrBlock")
        route = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == destination][-1]
        route.pop("NetworkInterfaceId", None)
        if one(params, "NetworkInterfaceId"):
            route.pop("GatewayId", None)
            route["NetworkInterfaceId"] = one(params, "NetworkInterfaceId")

    def replace(params):
        response = stock_replace(params)
        if response[0] == 200:
            point(params)
        return response

    def create(params, _response):
        point(params)

    after(ec2._ACTION_MAP, "CreateRoute", create)
    ec2._ACTION_MAP["ReplaceRoute"] = replace


def addresses_belong_to_interfaces():
    """An elastic IP can be associated with a network interface, tells it, and is filtered by its tags and association."""
    filters = {
        "allocation-id": "AllocationId",
        "association-id": "AssociationId",
        "instance-id": "InstanceId",
        "network-interface-id": "NetworkInterfaceId",
        "public-ip": "PublicIp",
    }

    def associate(params, _response):
        address = ec2._addresses[one(params, "AllocationId")]
        interface = ec2._network_interfaces.get(one(params, "NetworkInterfaceId"), {})
        address["NetworkInterfaceId"] = interface.get("NetworkInterfaceId")
        address["PrivateIpAddress"] = interface.get("PrivateIpAddress")

    def disassociate(_params, _response):
        for address in ec2._addresses.values():
            if not address["AssociationId"]:
                address.update(NetworkInterfaceId=None, PrivateIpAddress=None)

    def describe(params):
        wanted, asked = ec2._parse_member_list(params, "AllocationId"), ec2._parse_filters(params)
        missing = [name for name in wanted if name not in ec2._addresses]
        if missing:
            message = f"The allocation ID '{missing[0]}' does not exist"
            return ec2._error("InvalidAllocationID.NotFound", message, 400)
        items = ""
        for name, address in ec2._addresses.items():
            if wanted and name not in wanted or not ec2._resource_matches_tag_filters(name, asked):
                continue
            if any(address.get(filters[key]) not in values for key, values in asked.items() if key in filters):
                continue
            names = ("AllocationId", "PublicIp", "Domain", "AssociationId", "InstanceId", "NetworkInterfaceId")
            told = {key[0].lower() + key[1:]: address.get(key) or None for key in (*names, "PrivateIpAddress")}
            items += f"<item>{xml(told)}{ec2._tag_set_xml(name)}</item>"
        return ec2._xml(200, "DescribeAddressesResponse", f"<addressesSet>{items}</addressesSet>")

    after(ec2._ACTION_MAP, "AssociateAddress", associate)
    after(ec2._ACTION_MAP, "DisassociateAddress", disassociate)
    ec2._ACTION_MAP["DescribeAddresses"] = describe


def _on_launch(then):
    """Calls then(params, instance) for each instance that is launched."""
    stock = ec2._ACTION_MAP["RunInstances"]

    def run(params):
        before = set(ec2._instances)
        response = stock(params)
        for name in set(ec2._instances) - before:
            then(params, ec2._instances[name])
        return response

    ec2._ACTION_MAP["RunInstances"] = run


def _with(item, more):
    """An <item> with more elements at its end."""
    return item[: item.rindex("</item>")] + more + "</item>"


def _attached(interface, instance):
    return (interface["Attachment"] or {}).get("InstanceId") == instance


PATCHES = (
    the_image_for_arm_is_public,
    instances_keep_their_settings,
    an_instance_stands_on_its_interface,
    a_root_volume_goes_with_its_instance,
    interfaces_are_tagged_filtered_and_changed,
    routes_lead_to_interfaces,
    addresses_belong_to_interfaces,
)
