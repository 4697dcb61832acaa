"""One way for every service to have others stand by for it within the turn.

:mod:`bot.failover.race` asks the services one after the other, the next as soon as one has failed
or is late, and gives up one that falls silent; :mod:`bot.failover.breaker` leaves one alone that
keeps failing, or that says when it can be asked again (:mod:`bot.failover.retryafter`);
:mod:`bot.failover.usualtime` says when one is late; :mod:`bot.failover.budget` shares the turn's
time among its stages.
"""
