"""A PostgreSQL database that several machines share; needs the extra ``postgres``."""
