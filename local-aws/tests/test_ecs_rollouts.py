import re
import unittest

from tasks import Account, states, until


class Rollouts(unittest.TestCase):
    def setUp(self):
        self.account = Account()
        self.good = self.account.definition(self.account.image("v1"))

    def test_a_new_services_rollout_is_in_progress_and_then_completed(self):
        account = self.account
        request = {"cluster": "fb-dev", "serviceName": "other", "networkConfiguration": account.network}
        created = account.ecs.create_service(**request, taskDefinition=self.good, desiredCount=2)["service"]
        [deployment] = created["deployments"]
        self.assertEqual(deployment["rolloutState"], "IN_PROGRESS")
        self.assertEqual(deployment["rolloutStateReason"], f"ECS deployment {deployment['id']} in progress.")
        [done] = account.create_service(self.good, 2)["deployments"]
        self.assertEqual((done["desiredCount"], done["runningCount"], done["failedTasks"]), (2, 2, 0))
        self.assertEqual(done["rolloutStateReason"], f"ECS deployment {done['id']} completed.")
        started, *others = account.messages()
        self.assertRegex(started, r"^\(service api\) has started 2 tasks: \(task \S+\) \(task \S+\)\.$")
        said = [f"(deployment {done['id']}) deployment completed.", "has reached a steady state."]
        self.assertEqual(others, [f"(service api) {text}" for text in said])

    def test_an_update_replaces_the_tasks_and_tells_why_the_old_ones_stopped(self):
        account = self.account
        [old] = account.create_service(self.good)["deployments"]
        new = account.definition(account.image("v2"))
        updated = account.update_service(taskDefinition=new)
        self.assertEqual(states(updated), [("PRIMARY", "IN_PROGRESS"), ("ACTIVE", "COMPLETED")])
        self.assertEqual(account.steady()["taskDefinition"], new)
        [stopped] = account.tasks("STOPPED")
        self.assertEqual(stopped["stopCode"], "ServiceSchedulerInitiated")
        self.assertEqual(stopped["stoppedReason"], f"Scaling activity initiated by (deployment {old['id']})")
        self.assertEqual([task["taskDefinitionArn"] for task in account.tasks("RUNNING")], [new])
        self.assertTrue(any("has stopped 1 running tasks" in message for message in account.messages()))

    def test_tags_are_resolved_to_digests_and_unknown_images_are_run_too(self):
        account = self.account
        image = account.image("v2")
        url, digest = image.split("@")
        account.create_service(account.definition(f"{url}:v2"), 2)
        resolved = [task["containers"][0]["imageDigest"] for task in account.tasks("RUNNING")]
        self.assertEqual(resolved, [digest, digest])
        account.update_service(taskDefinition=account.definition(f"{url}:unknown"))
        self.assertEqual(account.steady()["runningCount"], 2)

    def test_a_failing_rollout_goes_back_and_tells_why(self):
        account = self.account
        [old] = account.create_service(self.good)["deployments"]
        bad = account.definition(account.image("v2", rollout="fails"))
        new = account.update_service(taskDefinition=bad)["deployments"][0]
        rolled_back = until(account.service, lambda service: service["taskDefinition"] == self.good)
        back, failed = rolled_back["deployments"]
        self.assertEqual((back["id"], back["status"], back["rolloutState"]), (old["id"], "PRIMARY", "IN_PROGRESS"))
        self.assertIn("circuit breaker: rolling back to deploymentId", back["rolloutStateReason"])
        self.assertEqual((failed["id"], failed["rolloutState"], failed["failedTasks"]), (new["id"], "FAILED", 3))
        self.assertEqual(failed["rolloutStateReason"], "ECS deployment circuit breaker: tasks failed to start.")
        steady = account.steady()
        self.assertEqual((steady["taskDefinition"], steady["runningCount"]), (self.good, 1))
        said = [f"(deployment {new['id']}) deployment failed: tasks failed to start."]
        said += [f"rolling back to deployment {old['id']}.", f"(deployment {old['id']}) deployment completed."]
        told = [message for message in account.messages() if "deployment" in message][1:]
        self.assertEqual(told, [f"(service api) {text}" for text in said])
        stopped = account.tasks("STOPPED")
        self.assertEqual({task["taskDefinitionArn"] for task in stopped}, {bad})
        for task in stopped:
            self.assertEqual(task["stoppedReason"], "Essential container in task exited")
            self.assertEqual((task["stopCode"], task["containers"][0]["exitCode"]), ("EssentialContainerExited", 1))

    def test_a_rollout_fails_for_the_reason_that_is_given(self):
        account = self.account
        account.create_service(self.good)
        reason = "CannotPullContainerError: pull image manifest has been retried 1 time(s): not found"
        bad = account.definition(account.image("v2", rollout="fails", reason=reason))
        account.update_service(taskDefinition=bad)
        until(account.service, lambda service: any("rolling back" in each["message"] for each in service["events"]))
        self.assertEqual(account.steady()["taskDefinition"], self.good)
        for task in account.tasks("STOPPED"):
            self.assertEqual((task["stopCode"], task["stoppedReason"]), ("TaskFailedToStart", reason))
            self.assertEqual(task["containers"][0]["reason"], reason)

    def test_nothing_fails_where_no_task_is_started(self):
        account = self.account
        account.create_service(self.good, 0)
        bad = account.definition(account.image("v2", rollout="fails"))
        account.update_service(taskDefinition=bad)
        self.assertEqual(account.steady()["taskDefinition"], bad)
        account.update_service(desiredCount=1, forceNewDeployment=True)
        until(account.service, lambda service: any("rolling back" in each["message"] for each in service["events"]))

    def test_without_a_completed_deployment_a_failed_one_stays(self):
        account = self.account
        bad = account.definition(account.image("v2", rollout="fails"))
        account.ecs.create_service(
            cluster="fb-dev",
            serviceName="api",
            taskDefinition=bad,
            desiredCount=1,
            networkConfiguration=account.network,
            deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        )
        failed = until(account.service, lambda service: service["deployments"][0]["rolloutState"] == "FAILED")
        self.assertEqual(states(failed), [("PRIMARY", "FAILED")])
        self.assertEqual(account.tasks("RUNNING"), [])

    def test_what_fails_outside_a_rollout_is_tried_again_and_again_with_pauses(self):
        account = self.account
        account.create_service(self.good, 0)
        account.update_service(taskDefinition=account.definition(account.image("v2", rollout="fails", reason="No")))
        account.steady()
        account.update_service(desiredCount=1)
        until(account.messages, lambda told: any("unable to consistently start" in each for each in told))
        self.assertEqual(states(account.service()), [("PRIMARY", "COMPLETED")])
        self.assertLess(len(account.tasks("STOPPED")), 10)

    def test_a_task_that_somebody_stops_is_replaced(self):
        account = self.account
        account.create_service(self.good)
        [task] = account.tasks("RUNNING")
        account.ecs.stop_task(cluster="fb-dev", task=task["taskArn"], reason="Try it")
        [other] = until(lambda: account.tasks("RUNNING"), bool)
        self.assertNotEqual(other["taskArn"], task["taskArn"])
        stopped = account.task(task["taskArn"])
        self.assertEqual((stopped["stopCode"], stopped["stoppedReason"]), ("UserInitiated", "Try it"))

    def test_a_forced_deployment_replaces_the_tasks_of_the_same_definition(self):
        account = self.account
        account.create_service(self.good)
        [before] = account.tasks("RUNNING")
        account.update_service(forceNewDeployment=True)
        account.steady()
        [after] = account.tasks("RUNNING")
        self.assertNotEqual(before["taskArn"], after["taskArn"])
        self.assertTrue(re.search(before["taskArn"].rsplit("/", 1)[1], " ".join(account.messages())))
