import { taintFindings } from "../../../tools/doctor/taint";
import type { ClientConfig } from "../../../tools/support/aws-clients";
import type { RecordedResource } from "../../../tools/support/recorded-state";
import { shellText } from "../../../tools/support/shell";

function tainted(address: string, attributes: Readonly<Record<string, unknown>>): RecordedResource {
  return { address, type: address.replace(/\..*/, ""), tainted: true, deposed: false, attributes };
}

test("what is tainted is read anew before it is kept: a kill between the two leaves it tainted, and told again", async () => {
  const recorded = [tainted("aws_lb.balancer", { id: "arn-1" }), tainted("aws_rds_cluster.database", { id: "ns-dev" })];
  const arns = new Set(["arn-1", "arn:aws:rds:eu-west-1:111111111111:cluster:ns-dev"]);
  const elsewhere = { facts: new Map(), clients: {} as ClientConfig };
  const found = await taintFindings({ stack: "dev-stack", recorded, code: [], arns, ...elsewhere });
  expect(found.flatMap(({ commands }) => commands.map(shellText))).toEqual([
    "aws elbv2 wait load-balancer-available --load-balancer-arns arn-1",
    "aws rds wait db-cluster-available --db-cluster-identifier ns-dev",
    "terraform -chdir=cdktf.out/stacks/dev-stack apply -refresh-only -auto-approve -input=false",
    "terraform -chdir=cdktf.out/stacks/dev-stack untaint -allow-missing aws_lb.balancer",
    "terraform -chdir=cdktf.out/stacks/dev-stack untaint -allow-missing aws_rds_cluster.database",
  ]);
});
