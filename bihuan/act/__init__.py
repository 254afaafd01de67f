"""Act: processes, reach, plays and the weekly plan. No room is built here yet."""
