WITH newest AS (
    SELECT coalesce(place, 0) AS place,
           coalesce(written, 0) AS written,
           -- The clock has microseconds.
           greatest(coalesce(at, 0) + 1,
                    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 1000) AS next_at
    FROM (VALUES (1)) AS always
    LEFT JOIN (SELECT place, written, at FROM notices ORDER BY place DESC LIMIT 1) AS notice ON true
), fresh AS (
    SELECT number, body,
           row_number() OVER numbered AS nth,
           sum(octet_length(body)) OVER numbered AS bytes
    FROM unnest($2::bigint[], $3::text[]) AS batch (number, body)
    WHERE number > coalesce((SELECT last FROM notice_writers WHERE writer = $1::bigint), 0)
    WINDOW numbered AS (ORDER BY number)
), remembered AS (
    INSERT INTO notice_writers (writer, last)
    SELECT $1::bigint, max(number) FROM fresh HAVING count(*) > 0
    ON CONFLICT (writer) DO UPDATE SET last = excluded.last, at = excluded.at
)
INSERT INTO notices (place, at, written, body)
SELECT newest.place + nth, newest.next_at + nth - 1, newest.written + bytes, body
FROM newest, fresh
