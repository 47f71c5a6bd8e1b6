from __future__ import annotations

import numpy as np
import pytest
from aiortc import RTCRtpCodecParameters
from aiortc.codecs import get_encoder

from kuchipaku.sinks.bitrates import (
    GREATEST_BITRATE,
    START_BITRATE,
    SizedH264Encoder,
    SizedVp8Encoder,
    bitrate_share,
    suit_bitrates_to_size,
)
from kuchipaku.sinks.packed_video import PackedFrame
from kuchipaku.sinks.tracks import video_frame


@pytest.mark.parametrize("codec", ["video/VP8", "video/H264"])
@pytest.mark.parametrize(("width_px", "height_px"), [(512, 1040), (1024, 2064), (192, 400)])
def test_larger_pictures_get_more_bits(codec: str, width_px: int, height_px: int) -> None:
    suit_bitrates_to_size()
    encoder = get_encoder(RTCRtpCodecParameters(codec, 90_000, payloadType=96))
    assert isinstance(encoder, SizedVp8Encoder | SizedH264Encoder)
    picture = video_frame(PackedFrame(0.0, np.full((height_px * 3 // 2, width_px), 128, np.uint8)))
    payloads, _ = encoder.encode(picture)
    assert payloads
    share = bitrate_share(width_px, height_px)
    assert encoder.target_bitrate == pytest.approx(START_BITRATE * share, abs=1)
    encoder.target_bitrate = 10**9
    assert encoder.target_bitrate == pytest.approx(GREATEST_BITRATE * share, abs=1)
    encoder.target_bitrate = round(2_500_000 * share)
    assert encoder.target_bitrate == pytest.approx(2_500_000 * share, abs=2)
    assert (share > 1) == (width_px > 512)
