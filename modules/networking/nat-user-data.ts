export interface NatRules {
  /** The VPC's block: nothing in it is reached through NAT. */
  readonly vpc: string;
  /** The blocks that are let out. */
  readonly from: readonly string[];
}

/** Where link-local addresses are, the metadata service among them. */
const LINK_LOCAL = "169.254.0.0/16";

/**
 * What makes a NAT of a fresh Amazon Linux 2023, for cloud-init. The work is a service's, not cloud-init's, which runs
 * things once: it is done at each boot, may be done twice, and is tried again until it succeeds.
 */
export function natUserData(rules: NatRules): string {
  const config = {
    write_files: [
      { path: "/etc/sysctl.d/90-nat.conf", content: SYSCTL },
      { path: "/etc/nat.nft", content: firewall(rules) },
      { path: "/usr/local/sbin/nat", permissions: "0755", content: SCRIPT },
      { path: "/etc/systemd/system/nat.service", content: UNIT },
    ],
    runcmd: [
      ["systemctl", "daemon-reload"],
      ["systemctl", "enable", "--now", "--no-block", "nat.service"],
    ],
  };
  // JSON is YAML.
  return `#cloud-config\n${JSON.stringify(config)}\n`;
}

const SYSCTL = `net.ipv4.ip_forward = 1
net.ipv4.conf.all.send_redirects = 0
net.ipv4.conf.default.send_redirects = 0
`;

const UNIT = `[Unit]
Description=NAT for the private subnets
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/nat
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
`;

/** The firewall stands before anything is passed on. 512 MiB of memory are too little for dnf, which is killed without swap. */
const SCRIPT = `#!/bin/bash
set -euo pipefail
umask 077
if [ ! -e /swap ]; then
  dd if=/dev/zero of=/swap.new bs=1M count=512 status=none
  mkswap /swap.new >/dev/null
  mv /swap.new /swap
fi
grep -q '^/swap ' /proc/swaps || swapon /swap
command -v nft >/dev/null || dnf install --assumeyes --quiet nftables
nft --file /etc/nat.nft
sysctl --quiet --load=/etc/sysctl.d/90-nat.conf
rpm --query --quiet amazon-ssm-agent || dnf install --assumeyes --quiet amazon-ssm-agent
systemctl enable --now amazon-ssm-agent
`;

function firewall({ vpc, from }: NatRules): string {
  const inside = from.join(", ");
  return `flush ruleset
table inet nat {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    udp sport 67 udp dport 68 accept
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    ip saddr { ${inside} } ip daddr != { ${vpc}, ${LINK_LOCAL} } accept
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr { ${inside} } masquerade
  }
}
`;
}
