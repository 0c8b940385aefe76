import { LoadBalancer, type LoadBalancerProps } from "../../modules/ecs";
import { Network } from "../../modules/networking";
import { inStack, parsed } from "../support/module";
import { at } from "../support/services";

const ZONE = "Z0123456789ABCDEFGHIJ";
const CERTIFICATE = "arn:aws:acm:eu-west-1:111111111111:certificate/1";

function balancer(props: object = {}, use: (one: LoadBalancer) => void = () => undefined) {
  return inStack((stack) => {
    const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
    use(
      new LoadBalancer(stack, "load-balancer", {
        network,
        protect: false,
        plainHttp: true,
        ...props,
      } as LoadBalancerProps),
    );
  });
}

describe("with a hosted zone", () => {
  const made = balancer({ https: { domain: "api.example.com", hostedZoneId: ZONE } });

  test("the certificate is proved by a record in it, and used only then", () => {
    expect(made.errors).toEqual([]);
    expect(made.only("aws_acm_certificate")).toMatchObject({
      domain_name: "api.example.com",
      validation_method: "DNS",
      lifecycle: { create_before_destroy: true },
    });
    const proof = "tolist(aws_acm_certificate.load-balancer_certificate.domain_validation_options).0";
    expect(at(made, "aws_route53_record", "load-balancer_certificate_proof")).toMatchObject({
      name: `\${${proof}.resource_record_name}`,
      records: [`\${${proof}.resource_record_value}`],
      type: `\${${proof}.resource_record_type}`,
    });
    expect(made.only("aws_acm_certificate_validation")["validation_record_fqdns"]).toEqual([
      "${aws_route53_record.load-balancer_certificate_proof.fqdn}",
    ]);
    expect(at(made, "aws_lb_listener", "load-balancer_https")["certificate_arn"]).toBe(
      "${aws_acm_certificate_validation.load-balancer_certificate_proved.certificate_arn}",
    );
  });

  test("the name points at the load balancer, and would never replace a record that is somebody else's", () => {
    const alias = at(made, "aws_route53_record", "load-balancer_zone_alias");
    expect(alias).toMatchObject({
      zone_id: ZONE, // No reference: the doctor looks there for one that a killed deploy left.
      depends_on: ["data.aws_route53_zone.load-balancer_zone"],
      name: "api.example.com",
      type: "A",
      alias: { name: "${aws_lb.load-balancer.dns_name}", zone_id: "${aws_lb.load-balancer.zone_id}" },
    });
    expect(alias).not.toHaveProperty("allow_overwrite");
  });

  test("a plan fails when the name is not in the zone, or the zone is private", () => {
    const { lifecycle } = made.data("aws_route53_zone") as {
      lifecycle: { postcondition: { condition: string; error_message: string }[] };
    };
    const [{ condition, error_message: message } = { condition: "", error_message: "" }] = lifecycle.postcondition;
    expect(condition).toBe('${(endswith(".api.example.com", ".${self.name}") && !self.private_zone)}');
    expect(message).toContain(`api.example.com cannot be in the hosted zone ${ZONE}, \${self.name}`);
  });
});

test("with a certificate of one's own no zone is touched", () => {
  const made = balancer({ https: { domain: "api.example.com", certificateArn: CERTIFICATE } });
  expect(made.errors).toEqual([]);
  expect(made.all("aws_route53_record")).toEqual({});
  expect(at(made, "aws_lb_listener", "load-balancer_https")["certificate_arn"]).toBe(CERTIFICATE);
});

test.each([
  [
    { domain: "api.example.com" },
    /^load-balancer: https: expected either a hostedZoneId or a certificateArn beside the domain, got /,
  ],
  [
    { domain: "api.example.com", hostedZoneId: ZONE, certificateArn: CERTIFICATE },
    /^load-balancer: https: expected either a hostedZoneId or a certificateArn/,
  ],
  [{ hostedZoneId: ZONE }, /^load-balancer: https.domain: expected a domain name in lower case, got undefined/],
  [{ domain: "https://x", hostedZoneId: ZONE }, /^load-balancer: https.domain: .* got "https:\/\/x"/],
  [{ domain: "API.example.com", hostedZoneId: ZONE }, /^load-balancer: https.domain: .* got "API.example.com"/],
  [{ domain: "x.com", hostedZoneId: "example.com" }, /^load-balancer: https.hostedZoneId: .* got "example.com"/],
  [{ domain: "x.com", hostedZoneId: 7 }, /^load-balancer: https.hostedZoneId: .* got 7/],
  [{ domain: "x.com", certificateArn: "arn" }, /^load-balancer: https.certificateArn: .* got "arn"/],
])("%j is an error that says what is missing", (https, error) => {
  expect(balancer({ https }).errors).toEqual([expect.stringMatching(error)]);
});

test("a name that ACM makes no certificate for is an error", () => {
  const errors = (length: number) =>
    balancer({ https: { domain: `${"a".repeat(length - ".example.com".length)}.example.com`, hostedZoneId: ZONE } })
      .errors;
  expect(errors(64)).toEqual([]);
  expect(errors(65)).toEqual([
    expect.stringMatching(
      /^load-balancer\/certificate: domain: expected at most 64 characters, by ACM's limit, got "a+\./,
    ),
  ]);
});

test("without a domain it may speak plain HTTP only where that is allowed", () => {
  expect(balancer({ plainHttp: true }).errors).toEqual([]);
  expect(balancer({ plainHttp: false }).errors).toEqual([
    expect.stringMatching(
      /^load-balancer: https: expected a domain, .* only dev may speak plain HTTP, got undefined\./,
    ),
  ]);
});

test("without a domain it says plainly that it speaks HTTP", () => {
  const notes: string[] = [];
  const keep = ({ urlNote }: LoadBalancer) => notes.push(urlNote);
  balancer({}, keep);
  balancer({ https: { domain: "api.example.com", hostedZoneId: ZONE } }, keep);
  expect(notes).toEqual([expect.stringMatching(/plain HTTP.*accounts\.ts/), ""]);
});

describe("access logs", () => {
  const made = balancer({ accessLogs: { retentionDays: 90 } });

  test("go to a bucket of their own, which the load balancer waits for until it may be written", () => {
    expect(made.errors).toEqual([]);
    expect(made.only("aws_s3_bucket")).toMatchObject({ bucket: "fb-dev-load-balancer-access-logs-111111111111" });
    expect(made.only("aws_lb")).toMatchObject({
      access_logs: { bucket: "${aws_s3_bucket.load-balancer_access-logs.bucket}", enabled: true },
      depends_on: ["aws_s3_bucket_policy.load-balancer_access-logs_policy"],
    });
  });

  test("are written by ELB's delivery below this account's number alone, over TLS, and read by nobody outside", () => {
    const bucket = "${aws_s3_bucket.load-balancer_access-logs.arn}";
    expect(parsed(made.only("aws_s3_bucket_policy"), "policy")).toMatchObject({
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
          Action: "s3:PutObject",
          Resource: `${bucket}/AWSLogs/111111111111/*`,
        },
        {
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [bucket, `${bucket}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    });
    expect(made.only("aws_s3_bucket_public_access_block")).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(made.only("aws_s3_bucket_ownership_controls")).toMatchObject({
      rule: { object_ownership: "BucketOwnerEnforced" },
    });
    expect(made.only("aws_s3_bucket_server_side_encryption_configuration")).toMatchObject({
      rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } }],
    });
  });

  test("expire, and are not deleted with the stack where it is protected", () => {
    expect(made.only("aws_s3_bucket_lifecycle_configuration")).toMatchObject({
      rule: [{ status: "Enabled", expiration: [{ days: 90 }] }],
    });
    expect(made.only("aws_s3_bucket")).toMatchObject({ force_destroy: true });
    const kept = balancer({ accessLogs: { retentionDays: 90 }, protect: true });
    expect(kept.only("aws_s3_bucket")).toMatchObject({ force_destroy: false });
  });

  test("are none unless asked for, and a retention that cannot be is an error", () => {
    expect(balancer().all("aws_s3_bucket")).toEqual({});
    for (const retentionDays of [0, 1.5, "90", undefined]) {
      expect(balancer({ accessLogs: { retentionDays } }).errors).toEqual([
        expect.stringMatching(
          /^load-balancer\/access-logs: retentionDays: expected an integer from 1 to 3650 days, got/,
        ),
      ]);
    }
  });

  test("have a bucket whose name fits into S3's 63 characters, however long the path", () => {
    const { all } = inStack((stack) => {
      const network = new Network(stack, "network", { cidr: "10.0.0.0/16", zones: 2, nat: "none" });
      const id = "balancer-of-everything-that-there-is-or-will-be";
      new LoadBalancer(stack, id, { network, protect: false, plainHttp: true, accessLogs: { retentionDays: 1 } });
    });
    const [bucket] = Object.values(all("aws_s3_bucket"));
    expect(String(bucket?.["bucket"])).toMatch(/^fb-dev-[a-z-]{1,33}-[0-9a-f]{8}-111111111111$/);
  });
});
