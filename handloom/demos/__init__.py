"""Parts of `handloom demo`: one file a job."""
