"""Everything the calls of one worker share, put together from the settings."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bot.agent import Agent
from bot.ari import AriClient
from bot.asr import Recogniser
from bot.calllog.writer import CallWriter
from bot.media import LegFactory
from bot.metrics import Metrics
from bot.recording import Recorder
from bot.release import PromptsInService
from bot.speech import Speech
from bot.transfer import TransferTarget
from bot.turntiming import TurnTiming
from bot.vad import VoiceModel


@dataclass(frozen=True)
class CallServices:
    """What every call of a worker shares. Everything in it is thread-safe."""

    app: str
    ari: AriClient
    open_leg: LegFactory
    voice_model: VoiceModel
    recogniser: Recogniser
    agent: Agent
    speech: Speech
    calllog: CallWriter
    prompts: PromptsInService
    metrics: Metrics
    pool: ThreadPoolExecutor
    worker_name: str
    timing: TurnTiming
    transfer: TransferTarget | None
    """Where callers who ask for a person go."""
    recorder: Recorder | None
    """Records the calls, if they are to be recorded."""
