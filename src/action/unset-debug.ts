// With DEBUG set, as some jobs have it, the library that starts git would write git's environment on standard error,
// past everything that hides secrets: and the token that git is lent is in there. It looks when it is loaded.
delete process.env['DEBUG'];
