from server import AwsTest


class Trails(AwsTest):
    def test_a_trail_has_the_tags_that_it_was_made_with_and_is_listed_by_them(self):
        trails = self.aws("cloudtrail")
        self.aws("s3").create_bucket(
            Bucket=f"logs-{self.account}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        tags = [{"Key": "deployment", "Value": "account-dev"}]
        arn = trails.create_trail(Name="trail", S3BucketName=f"logs-{self.account}", TagsList=tags)["TrailARN"]
        self.assertEqual(trails.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"], tags)
        wanted = {"TagFilters": [{"Key": "deployment", "Values": ["account-dev"]}]}
        listed = self.aws("resourcegroupstaggingapi").get_resources(**wanted)["ResourceTagMappingList"]
        self.assertEqual([each["ResourceARN"] for each in listed], [arn])
