WITH newest AS (
    SELECT coalesce(place, 0) AS place,
           coalesce(written, 0) AS written,
           -- The clock has microseconds.
           greatest(coalesce(at, 0) + 1,
                    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 1000) AS next_at
    FROM (VALUES (1)) AS always
    LEFT JOIN (SELECT place, written, at FROM events ORDER BY place DESC LIMIT 1) AS event ON true
), fresh AS (
    SELECT number, body,
           row_number() OVER numbered AS nth,
           sum(octet_length(body)) OVER numbered AS bytes
    FROM unnest($2::bigint[], $3::text[]) AS batch (number, body)
    WHERE number > coalesce((SELECT last FROM event_writers WHERE writer = $1::bigint), 0)
    WINDOW numbered AS (ORDER BY number)
), remembered AS (
    INSERT INTO event_writers (writer, last)
    SELECT $1::bigint, max(number) FROM fresh HAVING count(*) > 0
    ON CONFLICT (writer) DO UPDATE SET last = excluded.last, at = excluded.at
), next AS (
    SELECT place, written, place + count(nth) AS next_place, written + coalesce(max(bytes), 0) AS next_written
    FROM newest LEFT JOIN fresh ON true
    GROUP BY place, written
), trimmed AS (
    -- Not every time, as each time passes what was deleted and is not yet vacuumed. There are never
    -- more than 1024 and two batches, so none is looked for among those far behind.
    DELETE FROM events USING next
    WHERE (next_place / 256 > next.place / 256 OR next_written / 1048576 > next.written / 1048576)
      AND events.place > next.place - 2048
      AND (events.place <= next_place - 1024 OR events.written <= next_written - 4194304)
)
INSERT INTO events (place, at, written, body)
SELECT newest.place + nth, newest.next_at + nth - 1, newest.written + bytes, body
FROM newest, fresh
