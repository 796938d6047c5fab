"""Changes: what people are told, how they wish it, and the sending of what waits."""

from trebbo.outlets.notifications.actions.bookings import (
    catch_up_on_bookings,
    look_again_at_bookings,
    tell_of_booking,
    tell_of_ceiling,
)
from trebbo.outlets.notifications.actions.digests import compose_digests
from trebbo.outlets.notifications.actions.forgetting import forget_old_mail
from trebbo.outlets.notifications.actions.idea_news import About
from trebbo.outlets.notifications.actions.ideas import (
    catch_up_on_ideas,
    look_again,
    remind_of_ideas,
    tell_of_idea,
)
from trebbo.outlets.notifications.actions.introductions import (
    catch_up_on_steps,
    tell_of_left_out,
    tell_of_step,
    tell_of_steps,
)
from trebbo.outlets.notifications.actions.news import tell_of_shares
from trebbo.outlets.notifications.actions.notices import Recipient, notify, withdraw
from trebbo.outlets.notifications.actions.preferences import (
    MailPreferenceRefused,
    OptOutLink,
    read_opt_out,
    set_mail_preference,
    stop_mail,
)
from trebbo.outlets.notifications.actions.relay import (
    UnknownAddress,
    pass_on_message,
)
from trebbo.outlets.notifications.actions.reminders import (
    Confirmation,
    ConfirmationRefused,
    confirm_by_mail,
    read_confirmation,
    remind_of_profiles,
    withdraw_reminders,
)
from trebbo.outlets.notifications.actions.sending import LEASE, Run, send_waiting
from trebbo.outlets.notifications.actions.stuck import (
    MailRefused,
    mark_arrived,
    record_bounce,
    send_again,
)

__all__ = [
    "LEASE",
    "About",
    "Confirmation",
    "ConfirmationRefused",
    "MailPreferenceRefused",
    "MailRefused",
    "OptOutLink",
    "Recipient",
    "Run",
    "UnknownAddress",
    "catch_up_on_bookings",
    "catch_up_on_ideas",
    "catch_up_on_steps",
    "compose_digests",
    "confirm_by_mail",
    "forget_old_mail",
    "look_again",
    "look_again_at_bookings",
    "mark_arrived",
    "notify",
    "pass_on_message",
    "read_confirmation",
    "read_opt_out",
    "record_bounce",
    "remind_of_ideas",
    "remind_of_profiles",
    "send_again",
    "send_waiting",
    "set_mail_preference",
    "stop_mail",
    "tell_of_booking",
    "tell_of_ceiling",
    "tell_of_idea",
    "tell_of_left_out",
    "tell_of_shares",
    "tell_of_step",
    "tell_of_steps",
    "withdraw",
    "withdraw_reminders",
]
