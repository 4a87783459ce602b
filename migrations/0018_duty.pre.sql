CREATE SCHEMA duty;

-- Who is where. A row is a person's assignment to a place and a job, as it stands now; how it came about is in duty.steps. Persons are
-- known by their id alone. What must never happen is refused here: more people at a place than it takes (slots), a person in more places
-- than one can be (turns), the same duty twice.
CREATE TABLE duty.duties (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election text NOT NULL,
    person uuid NOT NULL,
    network text NOT NULL,
    place text NOT NULL,
    job text NOT NULL CHECK (job IN ('progress', 'final', 'official', 'reading')),
    state text NOT NULL CHECK (state IN ('offered', 'accepted', 'declined', 'dropped', 'done', 'replaced')),
    slot smallint NOT NULL CHECK (slot BETWEEN 0 AND 99),
    turn smallint NOT NULL CHECK (turn BETWEEN 0 AND 99),
    how text NOT NULL CHECK (how IN ('chosen', 'given', 'planned', 'replacement')),
    run bigint,
    since timestamptz NOT NULL,
    missed_at timestamptz
);
COMMENT ON COLUMN duty.duties.place IS 'code of a station, for the job official of a constituency';
COMMENT ON COLUMN duty.duties.missed_at IS 'when the person had not checked in although it was time; null again after a check-in';
CREATE UNIQUE INDEX duties_slot ON duty.duties (election, place, job, slot) WHERE state IN ('offered', 'accepted', 'done');
CREATE UNIQUE INDEX duties_turn ON duty.duties (election, person, job, turn) WHERE state IN ('offered', 'accepted');
CREATE UNIQUE INDEX duties_once ON duty.duties (election, person, place, job) WHERE state IN ('offered', 'accepted', 'done');
CREATE INDEX duties_person ON duty.duties (person);
CREATE INDEX duties_network ON duty.duties (election, network);
CREATE INDEX duties_place ON duty.duties (election, place);

CREATE TABLE duty.steps (
    duty bigint NOT NULL REFERENCES duty.duties,
    number smallint NOT NULL,
    state text NOT NULL,
    at timestamptz NOT NULL,
    by uuid,
    reason text NOT NULL DEFAULT '',
    PRIMARY KEY (duty, number)
);
COMMENT ON COLUMN duty.steps.by IS 'null when the program took the step';

-- Automatic plans: asked for by somebody, made by the worker.
CREATE TABLE duty.runs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election text NOT NULL,
    network text,
    asked_by uuid,
    asked_at timestamptz NOT NULL,
    wish jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    ended_at timestamptz,
    outcome jsonb
);
COMMENT ON COLUMN duty.runs.network IS 'whose people are planned; null for those of all networks';
CREATE INDEX runs_waiting ON duty.runs (id) WHERE state = 'waiting';

CREATE TABLE duty.check_ins (
    id uuid PRIMARY KEY,
    election text NOT NULL,
    person uuid NOT NULL,
    station text NOT NULL,
    phone_at timestamptz NOT NULL,
    server_at timestamptz NOT NULL,
    lat integer,
    lon integer,
    flags text[] NOT NULL
);
COMMENT ON COLUMN duty.check_ins.lat IS 'whole hundredths of a degree, about a kilometre; null when the phone gave no place';
CREATE INDEX check_ins_station ON duty.check_ins (election, station);
CREATE INDEX check_ins_person ON duty.check_ins (person);

-- Tries at the quiz; what was asked follows from version and seed.
CREATE TABLE duty.tries (
    id uuid PRIMARY KEY,
    person uuid NOT NULL,
    version integer NOT NULL,
    seed bigint NOT NULL,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,
    wrong text[],
    passed boolean
);
CREATE INDEX tries_person ON duty.tries (person, version);

CREATE TABLE duty.announcements (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    network text NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamptz NOT NULL,
    chosen jsonb NOT NULL,
    th text NOT NULL,
    en text NOT NULL
);
CREATE INDEX announcements_network ON duty.announcements (network, id);

-- What a person is told, in the app always; sent says how it went by SMS or LINE.
CREATE TABLE duty.messages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person uuid NOT NULL,
    announcement bigint REFERENCES duty.announcements,
    duty bigint REFERENCES duty.duties,
    th text NOT NULL,
    en text NOT NULL,
    at timestamptz NOT NULL,
    seen_at timestamptz,
    sent text NOT NULL CHECK (sent IN ('in_app', 'waiting', 'sent', 'failed')),
    sent_at timestamptz
);
CREATE INDEX messages_person ON duty.messages (person, id);
CREATE INDEX messages_announcement ON duty.messages (announcement) WHERE announcement IS NOT NULL;
CREATE INDEX messages_waiting ON duty.messages (id) WHERE sent = 'waiting';

-- Differences between our sums and the authority's figures: each has an owner, a reason and a state; steps are only added.
CREATE TABLE duty.explanations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    election text NOT NULL,
    place text NOT NULL,
    ballot text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'explained', 'ours', 'theirs')),
    owner uuid,
    reason text NOT NULL,
    by uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX explanations_place ON duty.explanations (election, place, ballot, id);
