"""ElastiCache for Redis."""

import re

from ministack.services import elasticache

from .wire import one, xml


def parameters_are_filtered_by_source():
    """DescribeCacheParameters honours Source: with "user" it tells only the parameters that were set."""
    stock = elasticache._describe_cache_parameters

    def describe(params):
        status, headers, body = stock(params)
        source = one(params, "Source")
        if status == 200 and source:
            wanted = f"<Source>{source}</Source>"
            body = re.sub(
                r"<Parameter>.*?</Parameter>", lambda m: m[0] if wanted in m[0] else "", body.decode(), flags=re.DOTALL
            ).encode()
        return status, headers, body

    elasticache._describe_cache_parameters = describe


def replication_groups_keep_their_key():
    """A replication group tells the KMS key that encrypts it at rest."""
    create, told = elasticache._create_replication_group, elasticache._rg_xml

    def create_with_key(params):
        response = create(params)
        if response[0] == 200 and one(params, "KmsKeyId"):
            elasticache._replication_groups[one(params, "ReplicationGroupId")]["KmsKeyId"] = one(params, "KmsKeyId")
        return response

    elasticache._create_replication_group = create_with_key
    elasticache._rg_xml = lambda group: told(group) + xml({"KmsKeyId": group.get("KmsKeyId")})


def clusters_tell_minor_upgrades():
    """A cache cluster tells whether minor versions are upgraded automatically, as its replication group was created or
    modified."""
    told, modify = elasticache._cluster_xml_inner, elasticache._modify_replication_group

    def modify_members(params):
        response = modify(params)
        upgrade = one(params, "AutoMinorVersionUpgrade")
        if response[0] == 200 and upgrade:
            group = elasticache._replication_groups[one(params, "ReplicationGroupId")]
            for record in (group, *(elasticache._clusters[member] for member in group["MemberClusters"])):
                record["AutoMinorVersionUpgrade"] = upgrade == "true"
        return response

    elasticache._modify_replication_group = modify_members
    elasticache._cluster_xml_inner = lambda cluster: told(cluster) + xml(
        {"AutoMinorVersionUpgrade": cluster.get("AutoMinorVersionUpgrade", True)}
    )


PATCHES = (parameters_are_filtered_by_source, replication_groups_keep_their_key, clusters_tell_minor_upgrades)
