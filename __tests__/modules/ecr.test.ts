import { Testing } from "cdktf";
import { Repository } from "../../modules/ecr";
import { Role } from "../../modules/iam";
import { inStack, parsed } from "../support/module";

const images = (props: { keep?: unknown; protect?: boolean } = {}) =>
  inStack((stack) => new Repository(stack, "api-images", { protect: false, ...props } as { protect: boolean }));

interface Rule {
  readonly rulePriority: number;
  readonly selection: { readonly tagStatus: string; readonly countType: string; readonly countNumber: number };
}
const rules = (made: ReturnType<typeof images>) =>
  (parsed(made.only("aws_ecr_lifecycle_policy"), "policy") as { rules: Rule[] }).rules;

test("a tag never moves to another image, every image is scanned when it is pushed, and all is encrypted", () => {
  const made = images();
  expect(made.errors).toEqual([]);
  expect(made.only("aws_ecr_repository")).toMatchObject({
    name: "fb-dev-api-images",
    image_tag_mutability: "IMMUTABLE",
    image_scanning_configuration: { scan_on_push: true },
    encryption_configuration: [{ encryption_type: "AES256" }],
  });
});

test("the last 30 releases stay, and what has no tag goes after a week", () => {
  const [untagged, tagged] = rules(images());
  expect(untagged?.selection).toMatchObject({ tagStatus: "untagged", countType: "sinceImagePushed", countNumber: 7 });
  expect(tagged?.selection).toMatchObject({ tagStatus: "tagged", countType: "imageCountMoreThan", countNumber: 30 });
  expect(rules(images({ keep: 5 }))[1]?.selection.countNumber).toBe(5);
});

test("no rule expires an image by its age alone that has a tag: a service may still run it", () => {
  for (const { selection } of rules(images())) {
    if (selection.tagStatus !== "untagged") expect(selection.countType).toBe("imageCountMoreThan");
  }
});

test("a protected repository refuses to be deleted with images in it", () => {
  expect(images({ protect: true }).only("aws_ecr_repository")).toMatchObject({ force_delete: false });
  expect(images().only("aws_ecr_repository")).toMatchObject({ force_delete: true });
});

test("who may pull may pull from this repository only, and push nowhere", () => {
  const made = inStack((stack) => {
    const role = new Role(stack, "starter", { service: "ecs-tasks.amazonaws.com", description: "" });
    new Repository(stack, "api-images", { protect: false }).grantPullTo(role);
  });
  expect(made.errors).toEqual([]);
  const { Statement } = parsed(made.only("aws_iam_role_policy"), "policy") as { Statement: object[] };
  expect(Statement).toEqual([
    {
      Effect: "Allow",
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Resource: ["${aws_ecr_repository.api-images.arn}"],
    },
    { Effect: "Allow", Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] },
  ]);
});

test.each([0, 1001, 2.5, "30", null])("%p images to keep are an error that names the repository", (keep) => {
  expect(images({ keep }).errors).toEqual([
    expect.stringMatching(/^api-images: keep: expected an integer from 1 to 1000/),
  ]);
});

test("it works in a bare stack", () => {
  const json = Testing.synthScope((scope) => new Repository(scope, "images", { protect: true }));
  expect(Object.keys((JSON.parse(json) as { resource: object }).resource)).toEqual([
    "aws_ecr_lifecycle_policy",
    "aws_ecr_repository",
  ]);
});
