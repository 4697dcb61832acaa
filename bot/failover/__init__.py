"""One way for every service to have others stand by for it within the turn.

:mod:`bot.failover.race` asks the services one after the other, the next as soon as one has failed
or is late; :mod:`bot.failover.breaker` leaves one alone that keeps failing;
:mod:`bot.failover.usualtime` says when one is late.
"""
