"""The verbs: one file, one public function each, called alike by flows, command line and service."""
