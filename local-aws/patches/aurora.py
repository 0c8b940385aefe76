"""Aurora: clusters are real PostgreSQL servers, where there is one to start.

POSTGRES_BIN   the folder of initdb and postgres; without it nothing listens at a cluster's endpoint
POSTGRES_TLS   a folder with server.crt and server.key for 127.0.0.1, and authority.pem, which issued them
"""

import atexit
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from ministack.services import rds

from . import child
from .wire import after, one, xml

# PostgreSQL refuses to run as root, who starts it as "nobody".
USER = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
READY_SECONDS = 60

_servers = {}  # cluster ARN -> process
_ports = {}  # cluster ARN -> port: an endpoint belongs to a name, whichever cluster has it
_sources = {}  # ARN of a cluster that is being restored -> the cluster that has its data


def endpoints_stay():
    """A cluster's endpoints and port are told when it is created, and stay the same when it gets instances."""

    def create(params, response):
        cluster = rds._clusters[one(params, "DBClusterIdentifier")]
        cluster.update(Endpoint=rds._MINISTACK_HOST, ReaderEndpoint=rds._MINISTACK_HOST)
        if _has_server(cluster):
            cluster["Port"] = _port(cluster)
        return _told("CreateDBCluster", cluster)

    after(rds._ACTION_MAP, "CreateDBCluster", create)


def clusters_are_real():
    """A PostgreSQL cluster answers at its endpoint: TLS only, with a certificate of RDS's authority, which functions
    trust, and its master user, who may make roles and is no superuser, owns the database. It is gone when the cluster
    is."""
    load, delete = rds.load_persisted_state, rds._ACTION_MAP["DeleteDBCluster"]

    def create(params, response):
        cluster = rds._clusters[one(params, "DBClusterIdentifier")]
        if not _has_server(cluster):
            return response
        cluster["Status"] = "creating"
        source = _sources.pop(cluster["DBClusterArn"], None)
        threading.Thread(target=_start, args=(cluster, source), daemon=True).start()
        return _told("CreateDBCluster", cluster)

    def load_and_start(state):
        loaded = load(state)
        for cluster in rds._clusters._data.values():
            if _has_server(cluster):
                threading.Thread(target=_start, args=(cluster,), daemon=True).start()
        return loaded

    def delete_and_stop(params):
        cluster = rds._clusters.get(one(params, "DBClusterIdentifier"))
        response = delete(params)
        if response[0] == 200 and cluster:
            _stop(cluster)
            shutil.rmtree(_folder(cluster), ignore_errors=True)
        return response

    after(rds._ACTION_MAP, "CreateDBCluster", create)
    rds._ACTION_MAP["DeleteDBCluster"] = delete_and_stop
    rds.load_persisted_state = load_and_start
    atexit.register(lambda: [server.stdin.close() for server in _servers.values()])


def major_versions_are_resolved():
    """A cluster that is created with a major version has its default minor one, and so have its instances."""
    stock = rds._ACTION_MAP["CreateDBCluster"]

    def create(params):
        minor = rds.AURORA_POSTGRESQL_DEFAULT_ENGINE_VERSIONS.get(one(params, "EngineVersion"))
        resolve = minor and one(params, "Engine") == "aurora-postgresql"
        return stock({**params, "EngineVersion": [minor]} if resolve else params)

    rds._ACTION_MAP["CreateDBCluster"] = create


def pauses_are_kept():
    """A Serverless v2 cluster whose least capacity is 0 tells after how many idle seconds it pauses: 300 unless set."""
    read, told = rds._serverlessv2_from_params, rds._serverlessv2_xml

    def with_pause(params):
        scaling = read(params)
        seconds = one(params, "ServerlessV2ScalingConfiguration.SecondsUntilAutoPause")
        if scaling and scaling.get("MinCapacity") == 0:
            scaling["SecondsUntilAutoPause"] = int(seconds or 300)
        return scaling

    def tell(cluster):
        seconds = (cluster.get("ServerlessV2ScalingConfiguration") or {}).get("SecondsUntilAutoPause")
        closing = "</ServerlessV2ScalingConfiguration>"
        return told(cluster).replace(closing, xml({"SecondsUntilAutoPause": seconds}) + closing)

    rds._serverlessv2_from_params, rds._serverlessv2_xml = with_pause, tell


def logs_are_exported():
    """A cluster tells which of its logs go to CloudWatch Logs; ModifyDBCluster switches single ones on and off."""
    stock = rds._cluster_xml

    def change(params, response):
        cluster = rds._clusters[one(params, "DBClusterIdentifier")]
        logs = set(cluster["EnabledCloudwatchLogsExports"])
        logs |= set(rds._parse_member_list(params, "EnableCloudwatchLogsExports"))
        logs |= set(rds._parse_member_list(params, "CloudwatchLogsExportConfiguration.EnableLogTypes"))
        logs -= set(rds._parse_member_list(params, "CloudwatchLogsExportConfiguration.DisableLogTypes"))
        cluster["EnabledCloudwatchLogsExports"] = sorted(logs)

    for action in ("CreateDBCluster", "ModifyDBCluster"):
        after(rds._ACTION_MAP, action, change)
    rds._cluster_xml = lambda cluster: stock(cluster) + xml(
        {"EnabledCloudwatchLogsExports": cluster.get("EnabledCloudwatchLogsExports", [])}
    )


def _told(action, cluster):
    result = f"<{action}Result><DBCluster>{rds._cluster_xml(cluster)}</DBCluster></{action}Result>"
    return rds._xml(200, f"{action}Response", result)


def _has_server(cluster):
    return bool(os.environ.get("POSTGRES_BIN")) and cluster["Engine"] == "aurora-postgresql"


def _port(cluster):
    with socket.socket() as free:
        free.bind((rds._MINISTACK_HOST, 0))
        return _ports.setdefault(cluster["DBClusterArn"], free.getsockname()[1])


def _start(cluster, source=None):
    folder = _folder(cluster)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if USER:
            os.chown(folder, USER["user"], USER["group"])
        bin_folder = _binaries(folder)
        if not (folder / "data" / "PG_VERSION").exists():
            _copy(source, folder) if source else _init(cluster, folder, bin_folder)
        _trust()
        command = [bin_folder / "postgres", "-D", folder / "data", *_settings(cluster, folder)]
        _servers[cluster["DBClusterArn"]] = server = child.start(
            command,
            "INT",  # A fast shutdown.
            stdout=subprocess.DEVNULL,
            stderr=_write(folder, "log", "").open("a"),
            **USER,
        )
        _wait(cluster, server)
        cluster["Status"] = "available"
    except Exception as error:
        print(f"local-aws: the PostgreSQL of {cluster['DBClusterIdentifier']} did not start: {error}", flush=True)
        cluster["Status"] = "failed"


def _init(cluster, folder, bin_folder):
    shutil.rmtree(folder / "data", ignore_errors=True)
    initdb = ["-D", folder / "data", "-U", "rdsadmin", "--encoding=UTF8", "--locale=C", "--auth=reject", "--no-sync"]
    _run(bin_folder / "initdb", *initdb)
    master, database = cluster["MasterUsername"], cluster.get("DatabaseName") or "postgres"
    password = cluster["_MasterUserPassword"].replace("'", "''")
    commands = [f"create role \"{master}\" login createrole createdb password '{password}'"]
    commands += [f'create database "{database}" owner "{master}"'] if database != "postgres" else []
    _command(folder, bin_folder, *commands)


def _command(folder, bin_folder, *commands):
    """One a line: the server is not up, and takes no connection."""
    _run(bin_folder / "postgres", "--single", "-D", folder / "data", "postgres", input="\n".join(commands) + "\n")


def _copy(source, folder):
    """A server's files are whole only while it does not run."""
    _stop(source)
    subprocess.run(["cp", "-Rp", _folder(source) / "data", folder / "data"], check=True)
    _start(source)


def _settings(cluster, folder):
    certificate, key = (_tls(name) for name in ("server.crt", "server.key"))
    settings = {
        "listen_addresses": rds._MINISTACK_HOST,
        "port": cluster["Port"],
        "unix_socket_directories": "",
        "fsync": "off",
        "ssl": "on",
        "ssl_cert_file": _write(folder, "server.crt", certificate),
        "ssl_key_file": _write(folder, "server.key", key),
        "hba_file": _write(folder, "hba.conf", "hostssl all all 127.0.0.1/32 scram-sha-256\n"),
    }
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _wait(cluster, server):
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection((rds._MINISTACK_HOST, cluster["Port"]), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("see its log")


def _stop(cluster):
    server = _servers.pop(cluster["DBClusterArn"], None)
    if server:
        server.stdin.close()
        server.wait(timeout=READY_SECONDS)


def _trust():
    """Functions inherit Node's variable for further authorities: RDS's is added to those that it has."""
    known = os.environ.get("NODE_EXTRA_CA_CERTS", "")
    authority = _tls("authority.pem")
    texts = Path(known).read_text() if known else ""
    if authority not in texts:
        with tempfile.NamedTemporaryFile("w", prefix="authorities-", suffix=".pem", delete=False) as bundle:
            bundle.write("\n".join((texts, authority)))
        os.environ["NODE_EXTRA_CA_CERTS"] = bundle.name


def _tls(name):
    return (Path(os.environ["POSTGRES_TLS"]) / name).read_text()


def _folder(cluster):
    """Below the state's folder; where another user has to enter it and may not, in one that everybody may."""
    name = hashlib.sha256(f"{os.environ.get('STATE_DIR')} {cluster['DbClusterResourceId']}".encode()).hexdigest()[:16]
    bases = [Path(base).resolve() for base in (os.environ.get("STATE_DIR"), tempfile.gettempdir(), "/var/tmp") if base]
    return next((base for base in bases if not USER or _open(base)), bases[-1]) / f"postgres-{name}"


def _open(folder):
    return folder.exists() and all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))


def _binaries(folder):
    """A copy where the user may not enter the original, such as a checkout below /root."""
    original = Path(os.environ["POSTGRES_BIN"])
    if not USER or _open(original.resolve()):
        return original
    copy = folder / "native"
    if not copy.exists():
        shutil.copytree(original.parent, copy, symlinks=True)
    return copy / "bin"


def _write(folder, name, text):
    file = folder / name
    file.write_text(text)
    file.chmod(0o600)
    if USER:
        os.chown(file, USER["user"], USER["group"])
    return file


def _run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options, **USER)
    if done.returncode:
        raise RuntimeError(done.stderr.strip())


PATCHES = (
    endpoints_stay,
    clusters_are_real,
    major_versions_are_resolved,
    pauses_are_kept,
    logs_are_exported,
)
