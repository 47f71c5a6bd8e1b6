from __future__ import annotations

import asyncio
import threading

import pytest

from kuchipaku.broadcast import Broadcast
from kuchipaku.mailbox import Mailbox, MailboxClosedError


def test_a_slow_reader_gets_the_newest_value_and_the_drops_are_counted() -> None:
    mailbox: Mailbox[int] = Mailbox()
    for value in range(5):
        mailbox.put(value)
    assert mailbox.get(timeout_s=0) == 4
    assert mailbox.dropped == 4


def test_a_larger_mailbox_drops_the_oldest() -> None:
    mailbox: Mailbox[int] = Mailbox(capacity=3)
    for value in range(5):
        mailbox.put(value)
    assert [mailbox.get() for _ in range(3)] == [2, 3, 4]
    assert mailbox.dropped == 2


def test_get_times_out() -> None:
    with pytest.raises(TimeoutError):
        Mailbox[int]().get(timeout_s=0.01)


def test_a_closed_mailbox_gives_what_is_left_then_raises() -> None:
    mailbox: Mailbox[int] = Mailbox()
    mailbox.put(1)
    mailbox.close()
    mailbox.put(2)
    assert mailbox.get() == 1
    with pytest.raises(MailboxClosedError):
        mailbox.get()


def test_close_wakes_a_waiting_thread() -> None:
    mailbox: Mailbox[int] = Mailbox()
    raised: list[BaseException] = []

    def read() -> None:
        try:
            mailbox.get()
        except MailboxClosedError as error:
            raised.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    mailbox.close()
    reader.join(timeout=10)
    assert len(raised) == 1


async def test_a_task_is_woken_by_another_thread() -> None:
    mailbox: Mailbox[int] = Mailbox()
    reader = asyncio.create_task(mailbox.get_async())
    await asyncio.sleep(0)
    await asyncio.to_thread(mailbox.put, 7)
    assert await asyncio.wait_for(reader, 10) == 7


async def test_a_task_that_gives_up_takes_nothing_with_it() -> None:
    mailbox: Mailbox[int] = Mailbox()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await mailbox.get_async()
    mailbox.put(1)
    assert await mailbox.get_async() == 1


async def test_close_wakes_a_waiting_task() -> None:
    mailbox: Mailbox[int] = Mailbox()
    reader = asyncio.create_task(mailbox.get_async())
    await asyncio.sleep(0)
    mailbox.close()
    with pytest.raises(MailboxClosedError):
        await reader


def test_broadcast_reaches_every_subscriber_until_it_leaves() -> None:
    broadcast: Broadcast[int] = Broadcast()
    stays, leaves = broadcast.subscribe(), broadcast.subscribe()
    broadcast.publish(1)
    broadcast.unsubscribe(leaves)
    broadcast.publish(2)
    assert (stays.get(), stays.dropped) == (2, 1)
    assert leaves.get() == 1
    assert leaves.closed
    assert len(broadcast) == 1
