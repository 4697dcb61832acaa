"""The names that Prometheus reads are those of contract.md, served on a real socket."""

from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics, serve
from bot.records import STAGES
from tests.lab.ports import free_port


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(CollectorRegistry())


def test_every_name_of_the_contract_is_rendered_with_its_labels(metrics: Metrics) -> None:
    metrics.calls_active.inc()
    metrics.calls.labels("Completed").inc()
    for stage in STAGES:
        metrics.turn_seconds.labels(stage).observe(0.5)
    metrics.barge_in.labels("resumed").inc()
    metrics.provider_errors.labels("openai", "timeout").inc()
    metrics.provider_fallback.labels("llm").inc()
    metrics.cache.labels("answer", "hit").inc()
    metrics.unanswered.inc()
    metrics.frame_lateness_seconds.observe(0.001)
    samples = {
        (sample.name, tuple(sorted(sample.labels)))
        for family in text_string_to_metric_families(generate_latest(metrics.registry).decode())
        for sample in family.samples
    }
    assert samples >= {
        ("bot_calls_active", ()),
        ("bot_calls_total", ("status",)),
        ("bot_turn_seconds_count", ("stage",)),
        ("bot_turn_seconds_bucket", ("le", "stage")),
        ("bot_barge_in_total", ("outcome",)),
        ("bot_provider_errors_total", ("kind", "provider")),
        ("bot_provider_fallback_total", ("stage",)),
        ("bot_cache_total", ("cache", "result")),
        ("bot_unanswered_total", ()),
        ("bot_frame_lateness_seconds_count", ()),
    }


def test_metrics_are_served_on_the_address_given(metrics: Metrics) -> None:
    metrics.unanswered.inc(3)
    port = free_port()
    server = serve(metrics.registry, f"127.0.0.1:{port}")
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as reply:
            assert b"bot_unanswered_total 3.0" in reply.read()
    finally:
        server.shutdown()
        server.server_close()


def test_two_workers_in_one_process_do_not_mix(metrics: Metrics) -> None:
    other = Metrics(CollectorRegistry())
    metrics.unanswered.inc()
    assert other.registry.get_sample_value("bot_unanswered_total") == 0.0
