"""Requests counted for all instances together, a row a caller, route and minute.

Unlogged: after a crash everybody starts anew, and counting costs no write-ahead log.
"""

UP = """
CREATE UNLOGGED TABLE rate_window (
    key varchar(300) NOT NULL,
    window_number bigint NOT NULL,
    taken integer NOT NULL CONSTRAINT rate_window_taken_counts CHECK (taken >= 0),
    granted integer NOT NULL CONSTRAINT rate_window_granted_counts
        CHECK (granted >= 0),
    PRIMARY KEY (key, window_number)
);
CREATE INDEX rate_window_number ON rate_window (window_number);
"""

DOWN = """
DROP TABLE rate_window;
"""
