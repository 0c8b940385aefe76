/**
 * A network in which chosen names are hosts of the public internet that are reached on this machine: functions that
 * refuse private addresses, as they must, can still be tested here. For Node.js, loaded before the function.
 *
 * LOCAL_HOSTS  <name>=<public address>[,…], "hooks.test=93.184.215.14": DNS answers the address, and a connection to it
 *              arrives at the same port of 127.0.0.1
 */
const dns = require("node:dns");
const net = require("node:net");

/** @param {Map<string, string>} hosts name to IPv4 address @returns what takes the network away again */
function install(hosts) {
  const { lookup } = dns.promises;
  const { connect } = net.Socket.prototype;
  const addresses = new Set(hosts.values());

  dns.promises.lookup = async (name, options) => {
    const address = hosts.get(String(name).replace(/\.$/, "").toLowerCase());
    if (address === undefined) return lookup.call(dns.promises, name, options);
    return options?.all ? [{ address, family: 4 }] : { address, family: 4 };
  };
  net.Socket.prototype.connect = function (...args) {
    // net.connect and tls.connect pass the arguments on, normalized into one array.
    const [options, listener] = Array.isArray(args[0]) ? args[0] : args;
    if (!addresses.has(options?.host)) return connect.apply(this, args);
    return connect.call(this, { ...options, host: "127.0.0.1" }, listener ?? undefined);
  };
  return () => {
    dns.promises.lookup = lookup;
    net.Socket.prototype.connect = connect;
  };
}

function parse(text) {
  return new Map(text.split(",").map((pair) => pair.trim().split("=")));
}

if (process.env.LOCAL_HOSTS) install(parse(process.env.LOCAL_HOSTS));

module.exports = { install };
