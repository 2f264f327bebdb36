DELETE FROM notices
USING (SELECT place, written FROM notices ORDER BY place DESC LIMIT 1) AS newest
WHERE notices.place <= newest.place - 1024 OR notices.written <= newest.written - 4194304
